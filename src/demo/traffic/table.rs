//! What a scenario file may say about requests: its `[[traffic]]` tables, checked.
//! Knows no cluster: whether a workload of that name is there is the scenario's to check.

use chrono::TimeDelta;
use serde::Deserialize;

use super::latency::Latency;
use super::recorded::Recorded;

/// A `[[traffic]]` table as it stands in a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Written {
    workload: String,
    rate: f64,
    #[serde(default)]
    errors: f64,
    latency: Millis,
    #[serde(default)]
    shape: Shape,
    service: Option<String>,
    source: Option<String>,
    history: Option<String>,
    #[serde(default)]
    fault: Vec<WrittenFault>,
    #[serde(default)]
    recorded: Vec<Recorded>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Millis {
    median: f64,
    p99: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenFault {
    version: String,
    beside: Option<String>,
    from_weight: Option<f64>,
    after: Option<String>,
    errors: Option<f64>,
    errors_factor: Option<f64>,
    latency_factor: Option<f64>,
}

/// Which series the pods of a workload have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// `http_requests_total` and `http_request_duration_seconds`, as a client library in the container counts them.
    #[default]
    Generic,
    /// `istio_requests_total` and `istio_request_duration_milliseconds`, as the proxy beside it does.
    Istio,
    /// None: the container answers scrapes, and says nothing of requests.
    UpOnly,
}

/// The requests for one workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// Namespace of the workload.
    pub namespace: String,
    /// Name of the workload, a Rollout or a Deployment.
    pub name: String,
    /// Requests a second, above 0.
    pub rate: f64,
    /// Which share of them fails, 0 to 1.
    pub errors: f64,
    /// The Service they are sent to where no router decides; found by its selector when absent.
    pub service: Option<String>,
    /// Namespace and name of the workload they come from.
    pub source: (String, String),
    /// Which series tell of them.
    pub shape: Shape,
    /// How long before 0 they began to be recorded.
    pub history: TimeDelta,
    /// What goes wrong in which version.
    pub faults: Vec<Fault>,
    pub(super) latency: Latency,
    pub(super) recorded: Vec<Recorded>,
}

/// What goes wrong in the pods of one version.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The tag of the image it is in.
    pub version: String,
    /// The tag of the version whose requests do this to it: the conditions below are then that version's. Its own otherwise.
    pub beside: Option<String>,
    /// Only while the version gets at least this share of the requests, percent.
    pub from_weight: Option<f64>,
    /// Only from this long after the version's first pod was ready.
    pub after: Option<TimeDelta>,
    /// Which share of its requests fails, where that is said outright.
    pub errors: Option<f64>,
    /// How many times the usual share fails.
    pub errors_factor: f64,
    /// How many times as long its requests take.
    pub latency_factor: f64,
}

impl Fault {
    /// The version whose share and age decide whether it is in force.
    pub(in crate::demo) fn cause(&self) -> &str {
        self.beside.as_deref().unwrap_or(&self.version)
    }

    /// Whether it is in force while the version that causes it gets `share` percent of the requests and has been ready for `ready`.
    pub(in crate::demo) fn strikes(&self, share: f64, ready: TimeDelta) -> bool {
        // Weights are whole, but shares are sums of fractions.
        let enough = self.from_weight.is_none_or(|least| share + 1e-6 >= least);
        enough && self.after.is_none_or(|after| ready >= after)
    }
}

/// What is recorded before 0 where nothing else is said: enough for the longest window of a canary's analysis.
const SHORT: TimeDelta = TimeDelta::minutes(15);
const LONGEST: TimeDelta = TimeDelta::days(3);

impl Written {
    /// The table checked.
    ///
    /// # Errors
    /// A sentence naming the table and the field.
    pub fn checked(self) -> Result<Load, String> {
        let workload = self.workload.clone();
        self.read().map_err(|what| format!("[[traffic]] of {workload}: {what}"))
    }

    fn read(self) -> Result<Load, String> {
        let (namespace, name) = pair("workload", &self.workload)?;
        let source = pair("source", self.source.as_deref().unwrap_or("ingress/gateway"))?;
        if !(self.rate > 0.0 && self.rate <= 1e6) {
            return Err(format!("`rate = {}` is not between 0 and 1000000 requests a second", self.rate));
        }
        ratio("errors", self.errors)?;
        let Millis { median, p99 } = self.latency;
        if !(median > 0.0 && p99 > median && p99.is_finite()) {
            return Err(format!("`latency = {{ median = {median}, p99 = {p99} }}` is no distribution: 0 < median < p99, milliseconds"));
        }
        let history = self.history.as_deref().map_or(Ok(SHORT), span)?;
        if history > LONGEST {
            return Err("`history` is longer than three days, and every minute of it is lived".into());
        }
        let faults = self.fault.into_iter().map(WrittenFault::checked).collect::<Result<_, _>>()?;
        self.recorded.iter().try_for_each(Recorded::check)?;
        let latency = Latency::of(median, p99);
        let Self { rate, errors, service, shape, recorded, .. } = self;
        Ok(Load { namespace, name, rate, errors, service, source, shape, history, faults, latency, recorded })
    }
}

impl WrittenFault {
    fn checked(self) -> Result<Fault, String> {
        if let Some(errors) = self.errors {
            ratio("errors", errors)?;
        }
        if self.errors.is_some() && self.errors_factor.is_some() {
            return Err(format!("the fault of {} says both `errors` and `errors-factor`", self.version));
        }
        let factor = |field: &str, value: Option<f64>| match value {
            Some(factor) if !(factor > 0.0 && factor <= 1e4) => Err(format!("`{field} = {factor}` is not between 0 and 10000")),
            said => Ok(said.unwrap_or(1.0)),
        };
        let (errors_factor, latency_factor) =
            (factor("errors-factor", self.errors_factor)?, factor("latency-factor", self.latency_factor)?);
        let after = self.after.as_deref().map(span).transpose()?;
        let Self { version, beside, from_weight, errors, .. } = self;
        Ok(Fault { version, beside, from_weight, after, errors, errors_factor, latency_factor })
    }
}

fn ratio(field: &str, value: f64) -> Result<(), String> {
    if (0.0..=1.0).contains(&value) { Ok(()) } else { Err(format!("`{field} = {value}` is no share between 0 and 1")) }
}

fn pair(field: &str, text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains('/') => {
            Ok((namespace.to_owned(), name.to_owned()))
        }
        _ => Err(format!("`{field} = \"{text}\"` is not of the form NAMESPACE/NAME")),
    }
}

/// A length of time as files write it: `90s`, `6h`, `30d`.
pub(in crate::demo) fn span(text: &str) -> Result<TimeDelta, String> {
    let span = humantime::parse_duration(text).map_err(|_| format!("`{text}` is no length of time such as \"90s\" or \"6h\""))?;
    TimeDelta::from_std(span).map_err(|_| format!("`{text}` is too long"))
}
