//! Differences and what is hidden in them.

use serde_json::{Value, json};

use super::{Masked, masked, template_differences};

fn container(edit: impl FnOnce(&mut Value)) -> Value {
    let mut template = json!({
        "metadata": {"labels": {"app": "web"}},
        "spec": {
            "initContainers": [{"name": "migrate", "image": "m:1"}, {"name": "warm", "image": "w:1"}],
            "containers": [{
                "name": "app", "image": "shop:1", "command": ["run"], "args": ["--port=80", "--db-password=hunter2"],
                "env": [
                    {"name": "LOG_LEVEL", "value": "info"}, {"name": "DB_PASSWORD", "value": "hunter2"},
                    {"name": "API", "valueFrom": {"secretKeyRef": {"name": "api", "key": "url"}}},
                ],
                "resources": {"limits": {"cpu": "1"}}, "ports": [{"containerPort": 80}],
                "readinessProbe": {"httpGet": {"path": "/ready", "port": 80, "httpHeaders": [{"name": "X-Token", "value": "t1"}]}},
            }],
            "volumes": [{"name": "cfg", "configMap": {"name": "cfg-1"}}],
        },
    });
    edit(&mut template);
    template
}

/// `place: from → to`, one a line.
fn told(edit: impl FnOnce(&mut Value)) -> Vec<String> {
    let word = |value: &Masked| match value {
        Masked::Shown(text) => text.to_string(),
        Masked::Hidden => "***".to_owned(),
        Masked::Absent => "-".to_owned(),
    };
    let found = template_differences(&container(|_| {}), &container(edit));
    found.iter().map(|d| format!("{}: {} → {}", d.place, word(&d.from), word(&d.to))).collect()
}

#[test]
fn each_kind_of_difference_has_its_words() {
    type Row = (&'static str, fn(&mut Value), &'static [&'static str]);
    let table: [Row; 17] = [
        ("nothing", |_| {}, &[]),
        ("image", |t| t["spec"]["containers"][0]["image"] = json!("shop:2"), &["app image: shop:1 → shop:2"]),
        ("env", |t| t["spec"]["containers"][0]["env"][0]["value"] = json!("debug"), &["app env LOG_LEVEL: info → debug"]),
        ("secret env", |t| t["spec"]["containers"][0]["env"][1]["value"] = json!("other"), &["app env DB_PASSWORD: *** → ***"]),
        (
            "env from elsewhere",
            |t| t["spec"]["containers"][0]["env"][2] = json!({"name": "API", "value": "https://u:p@host/x"}),
            &["app env API: from secret api, key url → ***"],
        ),
        (
            "env added",
            |t| t["spec"]["containers"][0]["env"].as_array_mut().unwrap().push(json!({"name": "TZ", "value": ""})),
            &["app env TZ: - → \"\""],
        ),
        ("resources", |t| t["spec"]["containers"][0]["resources"]["limits"]["cpu"] = json!("2"), &["app cpu limit: 1 → 2"]),
        (
            "probe",
            |t| t["spec"]["containers"][0]["readinessProbe"]["httpGet"]["path"] = json!("/ok"),
            &["app readiness probe httpGet.path: /ready → /ok"],
        ),
        (
            "header of a probe",
            |t| t["spec"]["containers"][0]["readinessProbe"]["httpGet"]["httpHeaders"][0]["value"] = json!("t2"),
            &["app readiness probe httpGet.httpHeaders.X-Token.value: *** → ***"],
        ),
        (
            "args",
            |t| t["spec"]["containers"][0]["args"] = json!(["--port=81", "--db-password=hunter2"]),
            &["app args: --port=80 --db-password=(not shown) → --port=81 --db-password=(not shown)"],
        ),
        ("a secret in args", |t| t["spec"]["containers"][0]["args"][1] = json!("--db-password=x"), &["app args: *** → ***"]),
        ("ports", |t| t["spec"]["containers"][0]["ports"] = json!([]), &["app port 80: {\"containerPort\":80} → -"]),
        (
            "volume",
            |t| t["spec"]["volumes"][0]["configMap"]["name"] = json!("cfg-2"),
            &["volume cfg: {\"name\":\"cfg\",\"configMap\":{\"name\":\"cfg-1\"}} → {\"name\":\"cfg\",\"configMap\":{\"name\":\"cfg-2\"}}"],
        ),
        (
            "labels and annotations",
            |t| t["metadata"] = json!({"labels": {"app": "shop"}, "annotations": {"vault/token": "x", "note": "y"}}),
            &["label app: web → shop", "annotation vault/token: - → ***", "annotation note: - → y"],
        ),
        (
            "containers added and removed",
            |t| {
                t["spec"]["containers"].as_array_mut().unwrap().push(json!({"name": "proxy", "image": "p:3"}));
                t["spec"]["initContainers"].as_array_mut().unwrap().remove(0);
            },
            &["init container migrate: m:1 → -", "container proxy: - → p:3"],
        ),
        (
            "init containers in another order",
            |t| t["spec"]["initContainers"].as_array_mut().unwrap().reverse(),
            &["order of the init containers: migrate, warm → warm, migrate"],
        ),
        (
            "anything else, by its path",
            |t| {
                t["spec"]["nodeSelector"] = json!({"disk": "ssd"});
                t["spec"]["containers"][0]["securityContext"] = json!({"runAsUser": 0});
            },
            &["app securityContext: - → {\"runAsUser\":0}", "spec.nodeSelector.disk: - → ssd"],
        ),
    ];
    for (name, edit, expected) in table {
        assert_eq!(told(edit), expected, "{name}");
    }
}

#[test]
fn what_an_api_server_fills_in_is_no_difference() {
    assert_eq!(
        told(|t| {
            t["metadata"]["creationTimestamp"] = Value::Null;
            t["spec"]["restartPolicy"] = json!("Always");
            t["spec"]["securityContext"] = json!({});
            t["spec"]["terminationGracePeriodSeconds"] = json!(30);
            t["spec"]["volumes"][0]["configMap"]["defaultMode"] = json!(420);
            let app = &mut t["spec"]["containers"][0];
            app["imagePullPolicy"] = json!("IfNotPresent");
            app["terminationMessagePath"] = json!("/dev/termination-log");
            app["ports"][0]["protocol"] = json!("TCP");
            app["readinessProbe"]["failureThreshold"] = json!(3);
            app["readinessProbe"]["httpGet"]["scheme"] = json!("HTTP");
            app["resources"]["requests"] = json!({"cpu": "1"});
        }),
        Vec::<String>::new()
    );
    assert_eq!(
        told(|t| t["spec"]["containers"][0]["imagePullPolicy"] = json!("Always")),
        ["app imagePullPolicy: - → Always"],
        "a value that is not the default is told"
    );
}

#[test]
fn no_secret_is_left_in_a_body() {
    let body = json!([
        {"op": "replace", "path": "/spec/template", "value": container(|t| {
            t["spec"]["containers"][0]["env"][0]["value"] = json!("postgres://shop:hunter2@db/shop");
            t["spec"]["containers"][0]["args"] = json!(["sh", "-c", "API_TOKEN=hunter2 exec run", "--password", "hunter2", "--port", "80"]);
            t["metadata"]["annotations"] = json!({"vault/token": "hunter2"});
        })},
        {"op": "add", "path": "/metadata/annotations/kubernetes.io~1change-cause", "value": "flightdeck: roll back to revision 41"},
    ]);
    let out = masked(&body);
    assert!(!out.to_string().contains("hunter2"), "{out}");
    assert!(!out.to_string().contains("\"t1\""), "{out}");
    for kept in ["flightdeck: roll back to revision 41", "secretKeyRef", "DB_PASSWORD", "--port", "exec run", "cfg-1"] {
        assert!(out.to_string().contains(kept), "{kept} stays in {out}");
    }
    assert_eq!(masked(&json!({"spec": {"paused": true}})), json!({"spec": {"paused": true}}));
}
