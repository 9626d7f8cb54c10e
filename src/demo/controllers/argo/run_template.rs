//! Makes AnalysisRuns out of AnalysisTemplates (argo-rollouts utils/analysis).
//! Never decides when a run is due, and never measures.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::demo::store::{ANALYSISRUNS, ANALYSISTEMPLATES, Key, Store, StoreError};

use super::objects::{has, list, text};
use super::provider;

/// Whether a run's phase is final.
pub fn is_over(phase: &str) -> bool {
    matches!(phase, "Successful" | "Failed" | "Error" | "Inconclusive")
}

/// Adds the fields of `more` to an object.
pub fn merge(into: &mut Value, more: &Value) {
    if !into.is_object() {
        *into = json!({});
    }
    for (key, value) in more.as_object().into_iter().flatten() {
        into[key] = value.clone();
    }
}

/// A run made of templates and arguments, without a name (utils/analysis, NewAnalysisRunFromTemplates).
pub fn build_run(store: &Store, namespace: &str, wanted: &Value, given: Vec<Value>) -> Result<Value, String> {
    let (mut metrics, mut dry, mut args, mut annotations) = (Vec::new(), Vec::new(), given, json!({}));
    let mut names: Vec<String> = list(wanted, "/templates").iter().map(|t| text(t, "/templateName").to_owned()).collect();
    names.extend(wanted["templateName"].as_str().map(str::to_owned));
    if names.is_empty() {
        return Err("no analysis templates are named".into());
    }
    let mut next = 0;
    while let Some(name) = names.get(next).cloned() {
        next += 1;
        let key = Key::new(ANALYSISTEMPLATES, namespace, name.as_str());
        let Some(template) = store.get(&key) else {
            return Err(format!("analysistemplates.argoproj.io \"{name}\" not found"));
        };
        metrics.extend(list(template, "/spec/metrics").iter().cloned());
        dry.extend(list(template, "/spec/dryRun").iter().cloned());
        for arg in list(template, "/spec/args") {
            match args.iter().position(|a| a["name"] == arg["name"]) {
                Some(at) if !has(&args[at], "/value") && !has(&args[at], "/valueFrom") => args[at] = arg.clone(),
                Some(_) => {}
                None => args.push(arg.clone()),
            }
        }
        merge(&mut annotations, &provider::carried(template));
        for inner in list(template, "/spec/templates") {
            let inner = text(inner, "/templateName").to_owned();
            if !names.contains(&inner) {
                names.push(inner);
            }
        }
    }
    if let Some(arg) = args.iter().find(|a| !has(a, "/value") && !has(a, "/valueFrom")) {
        return Err(format!("args.{} was not resolved", text(arg, "/name")));
    }
    dry.extend(list(wanted, "/dryRun").iter().cloned());
    let mut run =
        json!({ "metadata": { "namespace": namespace }, "spec": { "metrics": metrics }, "status": { "phase": "", "runSummary": {} } });
    if annotations.as_object().is_some_and(|a| !a.is_empty()) {
        run["metadata"]["annotations"] = annotations;
    }
    for (field, items) in [("args", args), ("dryRun", dry)] {
        if !items.is_empty() {
            run["spec"][field] = Value::Array(items);
        }
    }
    if !list(wanted, "/measurementRetention").is_empty() {
        run["spec"]["measurementRetention"] = wanted["measurementRetention"].clone();
    }
    Ok(run)
}

/// Creates a run under `name`, or `name.1`, `name.2` when runs of that name are over already (CreateWithCollisionCounter).
pub fn create_run(store: &mut Store, mut run: Value, name: &str, now: DateTime<Utc>) -> Result<Value, String> {
    let mut tries = 0;
    loop {
        let candidate = if tries == 0 { name.to_owned() } else { format!("{name}.{tries}") };
        run["metadata"]["name"] = json!(candidate);
        match store.create(ANALYSISRUNS, run.clone(), now) {
            Ok(created) => return Ok((*created).clone()),
            Err(StoreError::Exists(key)) => {
                let known = store.get(&key).filter(|known| {
                    !is_over(text(known, "/status/phase"))
                        && known["spec"]["metrics"] == run["spec"]["metrics"]
                        && known["metadata"]["ownerReferences"] == run["metadata"]["ownerReferences"]
                });
                if let Some(known) = known {
                    return Ok((**known).clone());
                }
                tries += 1;
            }
            Err(refused) => return Err(format!("the AnalysisRun {candidate} could not be created: {refused:?}")),
        }
    }
}
