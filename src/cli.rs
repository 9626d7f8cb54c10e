//! The command line as typed. What it means is decided in `commands`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A release cockpit for the terminal.
///
/// Without a subcommand it opens the cockpit on the current context of your kubeconfig. `flightdeck demo` opens it on a cluster of its own.
#[derive(Debug, Parser)]
#[command(name = "flightdeck", version = version(), about, max_term_width = 100)]
pub struct Cli {
    /// Flags that stand before or after any subcommand.
    #[command(flatten)]
    pub global: Global,
    /// What to do; the cockpit when absent.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The version with the commit it was built from, where that is known.
pub fn version() -> &'static str {
    match option_env!("FLIGHTDECK_COMMIT") {
        Some(commit) if !commit.is_empty() => concat_version(commit),
        _ => env!("CARGO_PKG_VERSION"),
    }
}

fn concat_version(commit: &'static str) -> &'static str {
    static TEXT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    TEXT.get_or_init(|| format!("{} ({commit})", env!("CARGO_PKG_VERSION")))
}

/// Flags that stand before or after any subcommand.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Look at this namespace
    #[arg(short = 'n', long, global = true, value_name = "NS", conflicts_with = "all_namespaces")]
    pub namespace: Option<String>,
    /// Look at all namespaces
    #[arg(short = 'A', long, global = true)]
    pub all_namespaces: bool,
    /// Use this kubeconfig instead of $KUBECONFIG or ~/.kube/config
    #[arg(long, global = true, value_name = "PATH")]
    pub kubeconfig: Option<PathBuf>,
    /// Use this context instead of the current one
    #[arg(long, global = true, value_name = "C")]
    pub context: Option<String>,
    /// Ask this Prometheus (or what speaks its API) for traffic and error budgets: a URL, service://NAMESPACE/NAME:PORT, or `none`; where
    /// neither this nor config.toml names one, it is looked for in the cluster
    #[arg(long, global = true, value_name = "URL")]
    pub prometheus: Option<String>,
    /// Read objectives from this OpenSLO v1 file too; can be repeated
    #[arg(long, global = true, value_name = "PATH")]
    pub openslo: Vec<PathBuf>,
    /// Ask the API server to take you for this user
    #[arg(long = "as", global = true, value_name = "USER")]
    pub as_user: Option<String>,
    /// Ask the API server to take you for a member of this group; can be repeated
    #[arg(long = "as-group", global = true, value_name = "G", requires = "as_user")]
    pub as_group: Vec<String>,
    /// Hold no handle that could write to the cluster
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Begin with names of clusters, namespaces and images hidden, for a shared screen
    #[arg(long, global = true)]
    pub redact: bool,
    /// Take the mouse: wheel and clicks (off, so that your terminal can select text)
    #[arg(long, global = true)]
    pub mouse: bool,
    /// Use this theme
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// Use this keymap
    #[arg(long, global = true, value_name = "NAME")]
    pub keymap: Option<String>,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the cockpit on the embedded cluster: needs no cluster and no configuration
    Demo(Demo),
    /// Print one frame of the cockpit and exit
    Snapshot(Snapshot),
    /// Print releases without a screen
    Status(Status),
    /// Plan, confirm, send and watch one action on a release, without a screen
    Act(Act),
    /// Judge a release until it is good or bad, for a pipeline: exits 0 good, 1 bad, 2 could not tell
    Verify(Verify),
    /// Guard a release without a screen: act once, when what you name comes true. Exits 0 ended without it, 1 acted, 2 could not guard it,
    /// or could not see
    Guard(Guarding),
    /// Say what can be reached, what you may do, and which configuration is in force
    Check,
    /// Print the keys in force
    Keys,
    /// Print the themes and which one is in force
    Themes,
    /// Print shell completions
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff), or that of one subcommand
    Man {
        /// Which subcommand
        command: Option<String>,
    },
}

/// `flightdeck demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Which scenario: canary, bad-canary, slow-canary, incident, slow-burn, sloth, low-traffic, shared-fate, young-pods, no-metrics,
    /// prometheus-partial, prometheus-flaky, crashloop, blue-green, deployment,
    /// experiment, flaky-link, denied, fleet
    #[arg(default_value = "canary")]
    pub scenario: String,
    /// How much of the scenario has been lived when it opens, e.g. 4m
    #[arg(long, value_name = "T", default_value = "0s", value_parser = duration)]
    pub at: Duration,
    /// How many times faster than real time it runs
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    pub speed: f64,
    /// Everything that looks random comes from this number
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Serve the embedded cluster alone, in real time, for any client
    #[arg(long, requires = "write_kubeconfig")]
    pub serve: bool,
    /// Where to write a kubeconfig for it, once its API answers
    #[arg(long, value_name = "PATH", requires = "serve")]
    pub write_kubeconfig: Option<PathBuf>,
    /// Serve the embedded cluster's Prometheus API, read-only and without a token, on this port of 127.0.0.1
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub prometheus_port: Option<u16>,
}

/// `flightdeck snapshot`.
#[derive(Debug, Args)]
pub struct Snapshot {
    /// Of this scenario of the embedded cluster; without it, of your cluster
    #[arg(long, value_name = "SCENARIO")]
    pub demo: Option<String>,
    /// How much of the scenario has been lived, e.g. 4m
    #[arg(long, value_name = "T", default_value = "0s", value_parser = duration, requires = "demo")]
    pub at: Duration,
    /// Everything that looks random comes from this number
    #[arg(long, value_name = "N", default_value_t = 1, requires = "demo")]
    pub seed: u64,
    /// Which screen
    #[arg(long, value_enum, default_value_t = Screen::Board)]
    pub screen: Screen,
    /// Which release; the scenario's own when absent
    #[arg(long, value_name = "NS/NAME")]
    pub release: Option<String>,
    /// Keys pressed before the frame is taken, separated by blanks, e.g. "j j enter"
    #[arg(long, value_name = "KEYS")]
    pub keys: Option<String>,
    /// Columns and rows
    #[arg(long, value_name = "WxH", default_value = "120x40", value_parser = size)]
    pub size: (u16, u16),
    /// How the frame is written; in several ways one after another: text,svg
    #[arg(long, value_enum, value_delimiter = ',', default_value = "text")]
    pub format: Vec<Format>,
}

/// A screen of the cockpit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Screen {
    /// Every release in scope
    Board,
    /// One release
    Release,
    /// The pods of one release
    Pods,
    /// The revisions of one release
    Revisions,
    /// The plan that --keys opens, such as `--keys a`
    Plan,
    /// What was done
    Journal,
    /// What the verdict rests on
    Why,
    /// The keys
    Help,
    /// Every action by name
    Palette,
}

/// How a frame is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Characters only
    Text,
    /// With the terminal's colours
    Ansi,
    /// As a picture
    Svg,
}

/// `flightdeck status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Which release, e.g. payments/checkout or rollout/payments/checkout; all in scope when absent
    #[arg(value_name = "NS/NAME")]
    pub release: Option<String>,
    /// How it is printed
    #[arg(short = 'o', long = "output", value_enum, default_value_t = Output::Table)]
    pub output: Output,
    /// How long to wait until everything needed has been read
    #[arg(long, value_name = "D", default_value = "30s", value_parser = duration)]
    pub timeout: Duration,
}

/// `flightdeck act`.
#[derive(Debug, Args)]
pub struct Act {
    /// What to do: advance, resume, skip, promote-full, pause, abort, retry, restart, rollback, set-image, terminate, switch, note
    #[arg(value_name = "INTENT")]
    pub intent: String,
    /// On which release, e.g. payments/checkout or rollout/payments/checkout
    #[arg(value_name = "NS/NAME")]
    pub release: String,
    /// For set-image: which container gets which image; * means all of them
    #[arg(value_name = "CONTAINER=IMAGE")]
    pub images: Vec<String>,
    /// For rollback: to this revision instead of the last one that was healthy
    #[arg(long, value_name = "REV")]
    pub to: Option<i64>,
    /// For rollback of an Argo Rollout: without steps, all the way at once
    #[arg(long)]
    pub at_once: bool,
    /// For terminate: which analysis run, where several are running
    #[arg(long, value_name = "NAME")]
    pub run: Option<String>,
    /// Only print the plan; nothing is sent. Exits 1 where the same with --yes would be refused for more than its --confirm
    #[arg(long)]
    pub plan: bool,
    /// Confirm it here and now; where a typed name is asked for, --confirm says it beside this
    #[arg(long, conflicts_with = "plan")]
    pub yes: bool,
    /// The release's name, where more than a key confirms: past a closed gate or a freeze, for all at once, where a policy says so
    #[arg(long, value_name = "NAME", requires = "yes")]
    pub confirm: Option<String>,
    /// Go past gates that are closed, for this reason; without it a closed gate refuses, whatever else is given
    #[arg(long, value_name = "REASON")]
    pub past_gates: Option<String>,
    /// A note for the journal; the reason, where a policy or a freeze asks for one
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// How long to wait for the effect
    #[arg(long, value_name = "D", default_value = "30s", value_parser = duration)]
    pub wait: Duration,
    /// How it is printed
    #[arg(short = 'o', long = "output", value_enum, default_value_t = Form::Text)]
    pub output: Form,
}

/// `flightdeck verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Which release, e.g. payments/checkout or rollout/payments/checkout
    #[arg(value_name = "NS/NAME")]
    pub release: String,
    /// How long the verdict has to have been PASS without a break, once the release is done or waits for a person
    #[arg(long = "for", value_name = "D", default_value = "5m", value_parser = duration)]
    pub lasts: Duration,
    /// Judge by this objective alone; by all that are promised when absent
    #[arg(long, value_name = "NAME")]
    pub objective: Option<String>,
    /// After so long without a decision it could not be told
    #[arg(long, value_name = "D", default_value = "1h", value_parser = duration)]
    pub timeout: Duration,
    /// How it is printed
    #[arg(short = 'o', long = "output", value_enum, default_value_t = Report::Text)]
    pub output: Report,
    /// On the embedded cluster instead of yours
    #[command(flatten)]
    pub on: OnDemo,
}

/// `flightdeck guard`.
#[derive(Debug, Args)]
pub struct Guarding {
    /// Which release, e.g. payments/checkout or rollout/payments/checkout
    #[arg(value_name = "NS/NAME")]
    pub release: String,
    /// When: `verdict fail`, `burn over 14.4 for 5m`, `pods failing`, `harmed over 500`; any of several is enough
    #[arg(long, value_name = "CONDITION", required = true)]
    pub when: Vec<String>,
    /// What it does then: pause, abort or rollback
    #[arg(long = "do", value_name = "INTENT")]
    pub action: String,
    /// Arm it; without this nothing is armed
    #[arg(long)]
    pub yes: bool,
    /// How long it counts down before it acts
    #[arg(long, value_name = "D", default_value = "10s", value_parser = duration)]
    pub countdown: Duration,
    /// It disarms itself when the link was lost for so long
    #[arg(long, value_name = "D", default_value = "2m", value_parser = duration)]
    pub silence: Duration,
    /// How long to wait for the effect
    #[arg(long, value_name = "D", default_value = "30s", value_parser = duration)]
    pub wait: Duration,
    /// On the embedded cluster instead of yours
    #[command(flatten)]
    pub on: OnDemo,
}

/// A command without a screen on the embedded cluster, whose time runs as fast as it can be reckoned.
#[derive(Debug, Args)]
pub struct OnDemo {
    /// On this scenario of the embedded cluster, its time as fast as it can be reckoned
    #[arg(long, value_name = "SCENARIO")]
    pub demo: Option<String>,
    /// How much of the scenario has been lived before this begins, e.g. 4m
    #[arg(long, value_name = "T", default_value = "0s", value_parser = duration, requires = "demo")]
    pub at: Duration,
    /// Everything in it that looks random comes from this number
    #[arg(long, value_name = "N", default_value_t = 1, requires = "demo")]
    pub seed: u64,
    /// So many of its seconds in a real one; as fast as it can be reckoned when absent
    #[arg(long, value_name = "N", requires = "demo")]
    pub speed: Option<f64>,
}

/// How `verify` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Report {
    /// For people
    Text,
    /// For programs
    Json,
    /// For pipelines that list tests
    Junit,
}

/// How `act` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people
    Text,
    /// For programs
    Json,
}

/// How `status` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people
    Table,
    /// For programs
    Json,
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| format!("`{text}` is no duration; write for example 90s, 4m or 1h30m"))
}

fn size(text: &str) -> Result<(u16, u16), String> {
    let parts = text.split_once('x').and_then(|(w, h)| Some((w.parse::<u16>().ok()?, h.parse::<u16>().ok()?)));
    match parts {
        Some((w @ 1..=1000, h @ 1..=1000)) => Ok((w, h)),
        _ => Err(format!("`{text}` is no size; write columns and rows, for example 120x40, each from 1 to 1000")),
    }
}
