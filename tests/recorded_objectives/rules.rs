//! Rule files as the generators write them: Sloth's for `checkout`, Pyrra's for `cart` and `outbox`.
//! Windows and factors are worked out here from the two specifications, not taken from the program that reads them.

use std::fmt::Write;

/// Seconds from one evaluation to the next: more often than the generators ask for, so that the test need not wait.
pub const EVERY: i64 = 10;

const SLOTH_ID: &str = r#"sloth_id="checkout-requests-availability", sloth_service="checkout", sloth_slo="requests-availability""#;

/// The objective that Sloth's rules are for: 99.9 % in 30 d.
pub const SLOTH_TARGET: f64 = 0.999;

/// Sloth's three groups.
pub fn sloth() -> String {
    let windows = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];
    let own = "sloth_id: checkout-requests-availability\n      sloth_service: checkout\n      sloth_slo: requests-availability\n      team: payments";
    let requests = |code: &str, window: &str| {
        format!(r#"(sum(rate(http_requests_total{{namespace="payments",pod=~"checkout-.+"{code}}}[{window}])))"#)
    };
    let mut text = String::from("groups:\n- name: sloth-slo-sli-recordings-checkout-requests-availability\n  rules:\n");
    for window in windows {
        let (bad, all) = (requests(r#",code=~"5..""#, window), requests("", window));
        write!(
            text,
            "  - record: slo:sli_error:ratio_rate{window}\n    expr: |\n      {bad}\n      /\n      {all}\n    labels:\n      {own}\n      sloth_window: {window}\n"
        )
        .unwrap();
    }
    // Over its own window it averages what it recorded, and leaves the rest of the labels to what is averaged.
    let five = format!("slo:sli_error:ratio_rate5m{{{SLOTH_ID}}}[30d]");
    write!(
        text,
        "  - record: slo:sli_error:ratio_rate30d\n    expr: |\n      sum_over_time({five})\n      / ignoring (sloth_window)\n      count_over_time({five})\n    labels:\n      sloth_window: 30d\n"
    )
    .unwrap();
    text.push_str("- name: sloth-slo-meta-recordings-checkout-requests-availability\n  rules:\n");
    let over = |window: &str| {
        format!(
            "slo:sli_error:ratio_rate{window}{{{SLOTH_ID}}} / on(sloth_id, sloth_slo, sloth_service) group_left slo:error_budget:ratio{{{SLOTH_ID}}}"
        )
    };
    let meta = [
        ("slo:objective:ratio", "vector(0.9990000000000001)".to_owned()),
        ("slo:error_budget:ratio", "vector(1-0.9990000000000001)".to_owned()),
        ("slo:time_period:days", "vector(30)".to_owned()),
        ("slo:current_burn_rate:ratio", over("5m")),
        ("slo:period_burn_rate:ratio", over("30d")),
        ("slo:period_error_budget_remaining:ratio", format!("1 - slo:period_burn_rate:ratio{{{SLOTH_ID}}}")),
    ];
    for (name, expression) in meta {
        write!(text, "  - record: {name}\n    expr: |\n      {expression}\n    labels:\n      {own}\n").unwrap();
    }
    write!(
        text,
        "  - record: sloth_slo_info\n    expr: vector(1)\n    labels:\n      {own}\n      sloth_mode: cli-gen-prom\n      sloth_objective: \"99.9\"\n      sloth_spec: prometheus/v1\n      sloth_version: v0.11.0\n"
    )
    .unwrap();
    text.push_str("- name: sloth-slo-alerts-checkout-requests-availability\n  rules:\n");
    let pages = [("page", [("5m", "1h", 14.4), ("30m", "6h", 6.0)]), ("ticket", [("2h", "1d", 3.0), ("6h", "3d", 1.0)])];
    for (severity, pairs) in pages {
        let side =
            |window: &str, factor: f64| format!("(slo:sli_error:ratio_rate{window}{{{SLOTH_ID}}} > ({factor} * 0.0009999999999999432))");
        let pair = |(short, long, factor): (&str, &str, f64)| {
            format!(
                "(\n          {}\n          and ignoring (sloth_window)\n          {}\n      )",
                side(short, factor),
                side(long, factor)
            )
        };
        let either = pairs.map(pair).join("\n      or ignoring (sloth_window)\n      ");
        write!(
            text,
            "  - alert: CheckoutAvailability\n    expr: |\n      {either}\n    labels:\n      severity: {severity}\n      sloth_severity: {severity}\n    annotations:\n      summary: Requests of checkout fail\n"
        )
        .unwrap();
    }
    text
}

/// An objective as Pyrra is given one.
pub struct Pyrra {
    pub name: &'static str,
    /// `NAMESPACE/NAME`, which is also the `job` its series carry.
    pub workload: &'static str,
    /// In percent.
    pub target: &'static str,
    pub days: u64,
}

/// Four weeks, and two: there every window is half as long.
pub const PYRRA: [Pyrra; 2] = [
    Pyrra { name: "cart-errors", workload: "shop/cart", target: "99.5", days: 28 },
    Pyrra { name: "outbox-errors", workload: "mail/outbox", target: "99", days: 14 },
];

impl Pyrra {
    /// Minutes of the long and the short window, factor, severity and minutes of waiting, scaled to the objective's window.
    pub fn tiers(&self) -> [(u64, u64, u64, &'static str, u64); 4] {
        let scaled = |minutes: u64| (minutes * self.days + 14) / 28;
        let base =
            [(60, 5, 14, "critical", 2), (360, 30, 7, "critical", 15), (1440, 120, 2, "warning", 60), (5760, 360, 1, "warning", 180)];
        base.map(|(long, short, factor, severity, wait)| (scaled(long), scaled(short), factor, severity, scaled(wait)))
    }

    /// The ratio its spec promises.
    pub fn ratio(&self) -> f64 {
        self.target.parse::<f64>().unwrap() / 100.0
    }

    /// Its own window, as Prometheus writes it.
    pub fn window(&self) -> String {
        format!("{}w", self.days / 7)
    }

    /// Its groups: increases, burn rates with their alerts, and the generic ones.
    pub fn groups(&self) -> String {
        let Self { name, workload: job, .. } = self;
        let own = format!("{{job: {job}, slo: {name}}}");
        let window = self.window();
        let target = format!("0.{}", self.target.replace('.', ""));
        let mut text = format!("groups:\n- name: {name}-increase\n  rules:\n");
        write!(
            text,
            "  - record: http_requests:increase{window}\n    expr: sum by (code) (increase(http_requests_total{{job=\"{job}\"}}[{window}]))\n    labels: {own}\n"
        )
        .unwrap();
        write!(
            text,
            "  - alert: SLOMetricAbsent\n    expr: absent(http_requests_total{{job=\"{job}\"}}) == 1\n    for: 2m\n    labels: {{job: {job}, slo: {name}, severity: critical}}\n- name: {name}\n  rules:\n"
        )
        .unwrap();
        let tiers = self.tiers();
        let mut windows: Vec<u64> = tiers.iter().flat_map(|tier| [tier.0, tier.1]).collect();
        windows.sort_unstable();
        windows.dedup();
        for minutes in windows {
            let over = written(minutes);
            write!(
                text,
                "  - record: http_requests:burnrate{over}\n    expr: sum(rate(http_requests_total{{code=~\"5..\",job=\"{job}\"}}[{over}])) / sum(rate(http_requests_total{{job=\"{job}\"}}[{over}]))\n    labels: {own}\n"
            )
            .unwrap();
        }
        for (long, short, factor, severity, wait) in tiers {
            let (long, short, wait) = (written(long), written(short), written(wait));
            let side = |over: &str| format!("http_requests:burnrate{over}{{job=\"{job}\",slo=\"{name}\"}} > ({factor} * (1-{target}))");
            let exhaustion = written(self.days * 24 * 60 / factor);
            write!(
                text,
                "  - alert: ErrorBudgetBurn\n    expr: {} and {}\n    for: {wait}\n    labels: {{severity: {severity}, job: {job}, slo: {name}, long: {long}, short: {short}, exhaustion: {exhaustion}}}\n",
                side(&short),
                side(&long)
            )
            .unwrap();
        }
        let increases = |code: &str| format!("sum(http_requests:increase{window}{{{code}job=\"{job}\",slo=\"{name}\"}}");
        write!(
            text,
            "- name: {name}-generic\n  rules:\n  - {{record: pyrra_objective, expr: \"{target}\", labels: {{slo: {name}}}}}\n  - {{record: pyrra_window, expr: \"{}\", labels: {{slo: {name}}}}}\n",
            self.days * 86_400
        )
        .unwrap();
        write!(
            text,
            "  - record: pyrra_availability\n    expr: 1 - {} or vector(0)) / {})\n    labels: {{slo: {name}}}\n  - record: pyrra_requests:rate5m\n    expr: sum(rate(http_requests_total{{job=\"{job}\"}}[5m]))\n    labels: {{slo: {name}}}\n  - record: pyrra_errors:rate5m\n    expr: sum(rate(http_requests_total{{code=~\"5..\",job=\"{job}\"}}[5m])) or vector(0)\n    labels: {{slo: {name}}}\n",
            increases("code=~\"5..\","),
            increases("")
        )
        .unwrap();
        text
    }
}

/// Minutes as Prometheus writes them: the largest units first, none of 0.
pub fn written(minutes: u64) -> String {
    let parts = [("w", 7 * 24 * 60), ("d", 24 * 60), ("h", 60), ("m", 1)];
    let mut left = minutes;
    // Weeks are only written where nothing is left of them.
    let parts = if minutes.is_multiple_of(7 * 24 * 60) { &parts[..] } else { &parts[1..] };
    parts.iter().fold(String::new(), |mut text, (unit, length)| {
        if left >= *length {
            write!(text, "{}{unit}", left / length).unwrap();
        }
        left %= length;
        text
    })
}
