//! `flightdeck act` as scripts and people meet it: plans printed, nothing sent without a word of consent, exit codes that mean what they say.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

mod pty;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use pty::{Program, Served};
use serde_json::Value;

/// A served cluster, and a home folder of its own.
struct Desk {
    served: Served,
    home: tempfile::TempDir,
}

impl Desk {
    fn open(config: &str) -> Self {
        Self::of(Served::start("canary"), config)
    }

    fn of(served: Served, config: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("config/flightdeck");
        std::fs::create_dir_all(&folder).unwrap();
        if !config.is_empty() {
            std::fs::write(folder.join("config.toml"), format!("format = 1\n{config}")).unwrap();
        }
        Self { served, home }
    }

    fn act(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flightdeck"));
        command.env_clear().env("HOME", self.home.path()).env("LANG", "C.UTF-8").env("TERM", "xterm-256color");
        command.env("XDG_STATE_HOME", self.home.path().join("state")).env("XDG_CONFIG_HOME", self.home.path().join("config"));
        command.args(["act"]).args(args).arg("--kubeconfig").arg(self.served.kubeconfig()).stdin(Stdio::null()).output().unwrap()
    }

    /// What the journal tells of each line.
    fn told(&self) -> Vec<String> {
        self.lines("told")
    }

    fn notes(&self) -> Vec<String> {
        self.lines("note")
    }

    fn lines(&self, key: &str) -> Vec<String> {
        let folder = self.home.path().join("state/flightdeck/journal");
        let Ok(days) = std::fs::read_dir(folder) else { return Vec::new() };
        let lines =
            days.flat_map(|day| std::fs::read_to_string(day.unwrap().path()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>());
        lines.map(|line| serde_json::from_str::<Value>(&line).unwrap()[key].as_str().unwrap_or_default().to_owned()).collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn a_plan_is_printed_and_nothing_is_sent() {
    let desk = Desk::open("");
    let plan = desk.act(&["abort", "payments/checkout", "--plan"]);
    assert_eq!(code(&plan), 0, "{}", text(&plan.stderr));
    for word in ["Effect", "PATCH rollouts/checkout/status merge", "Rests on", "dry run accepted"] {
        assert!(text(&plan.stdout).contains(word), "{word}\n{}", text(&plan.stdout));
    }
    let plan = desk.act(&["abort", "rollout/payments/checkout", "--plan", "-o", "json"]);
    let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
    for key in ["target", "intent", "effect", "before", "after", "patch", "subresource", "premises", "dry_run", "risks"] {
        assert!(plan.get(key).is_some(), "{key}: {plan:#}");
    }
    assert_eq!((&plan["intent"], &plan["subresource"]), (&Value::from("abort"), &Value::from("status")));
    assert_eq!((&plan["patch"]["status"]["abort"], &plan["dry_run"]["outcome"]), (&Value::from(true), &Value::from("accepted")));
    assert!(plan["patch"]["metadata"]["resourceVersion"].is_string(), "exactly as it would be sent");
    let again = desk.act(&["abort", "payments/checkout", "--plan"]);
    assert_eq!(code(&again), 0, "still to be done");
    assert!(desk.told().is_empty());

    // A refusal is an answer of its own.
    let refused = desk.act(&["retry", "payments/checkout", "--plan", "-o", "json"]);
    assert_eq!(code(&refused), 1);
    let refused: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert!(refused["refused"]["why"].is_string() && refused["refused"]["instead"].is_string(), "{refused:#}");

    // Nobody is there to say yes.
    let silent = desk.act(&["abort", "payments/checkout"]);
    assert_eq!(code(&silent), 1);
    assert!(text(&silent.stderr).contains("nothing was sent") && text(&silent.stderr).contains("--yes"), "{}", text(&silent.stderr));
    assert!(desk.told().is_empty());

    // Words that are none.
    for (args, told) in [
        (&["abrot", "payments/checkout", "--yes"][..], "did you mean abort"),
        (&["abort", "payments/nothing", "--yes"], "no release payments/nothing"),
        (&["abort", "payments/checkout", "--to", "3", "--yes"], "--to belongs to"),
        (&["set-image", "payments/checkout", "--yes"], "needs CONTAINER=IMAGE"),
        (&["note", "payments/checkout"], "needs its text"),
    ] {
        let wrong = desk.act(args);
        assert_eq!(code(&wrong), 2, "{args:?} {}", text(&wrong.stderr));
        assert!(text(&wrong.stderr).contains(told), "{args:?}: {}", text(&wrong.stderr));
    }
    let read_only = desk.act(&["abort", "payments/checkout", "--yes", "--read-only"]);
    assert_eq!(code(&read_only), 1);
    assert!(text(&read_only.stderr).contains("only reads"), "{}", text(&read_only.stderr));
    assert!(desk.told().is_empty());

    // And what is meant is done, once.
    let note = desk.act(&["note", "payments/checkout", "--note", "canary looks slow"]);
    assert_eq!(code(&note), 0, "{}", text(&note.stderr));
    let done = desk.act(&["abort", "payments/checkout", "--yes", "--note", "CHK-1", "-o", "json"]);
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    let done: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(done["result"]["outcome"], "took-effect", "{done:#}");
    assert_eq!(desk.told()[..3], ["note", "about", "answer"]);
    assert_eq!(desk.told().last().map(String::as_str), Some("effect"));
    let again = desk.act(&["abort", "payments/checkout", "--yes"]);
    assert_eq!(code(&again), 1, "it is aborted already");
}

#[test]
fn policies_hold_without_a_screen_too() {
    let desk = Desk::open(
        "[[policy]]\nmatch = \"*/payments/*\"\nabort = { confirm = \"key\", note = \"required\" }\npromote-full = { deny = \"only the release manager\" }\n",
    );
    let denied = desk.act(&["promote-full", "payments/checkout", "--yes"]);
    assert_eq!(code(&denied), 1);
    assert!(text(&denied.stderr).contains("only the release manager"), "{}", text(&denied.stderr));
    let noteless = desk.act(&["abort", "payments/checkout", "--yes"]);
    assert_eq!(code(&noteless), 1);
    assert!(text(&noteless.stderr).contains("--note"), "{}", text(&noteless.stderr));
    assert!(desk.told().is_empty());
    // Not waited for: sent, and nobody knows yet.
    let unknown = desk.act(&["abort", "payments/checkout", "--yes", "--note", "CHK-1", "--wait", "0s"]);
    assert_eq!(code(&unknown), 2, "{}", text(&unknown.stderr));
}

#[test]
fn from_the_release_screen_an_abort_is_two_keys_and_enter_is_none() {
    let soon = Duration::from_secs(30);
    let served = Served::start("canary");
    let home = tempfile::tempdir().unwrap();
    let mut command = pty::flightdeck().arg("-n").arg("payments").arg("--kubeconfig").arg(served.kubeconfig());
    command = command.env("XDG_STATE_HOME", home.path());
    let mut program = Program::start(command, 120, 40);
    program.sees("checkout", soon);
    program.types("\r");
    program.sees("Steps", soon);
    program.types("a");
    program.sees("do it", soon);
    program.types("\r\r\r");
    std::thread::sleep(Duration::from_millis(500));
    assert!(journal(home.path()).is_empty(), "enter never confirms\n{}", program.text());
    program.types("\x1b");
    program.sees("Steps", soon);
    // Counted from here: one, two.
    program.types("a");
    program.sees("do it", soon);
    program.types("y");
    program.until(soon, "the effect", |_| journal(home.path()).iter().any(|line| line.contains("took effect after")));
    assert_eq!(journal(home.path()).iter().filter(|line| line.contains("\"told\":\"about\"")).count(), 1);
    program.types("q");
    std::thread::sleep(Duration::from_millis(300));
}

fn journal(state: &Path) -> Vec<String> {
    let Ok(days) = std::fs::read_dir(state.join("flightdeck/journal")) else { return Vec::new() };
    days.flat_map(|day| std::fs::read_to_string(day.unwrap().path()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Answers every request with 200, until the test ends.
fn answering() -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nready");
        }
    });
    url
}

#[test]
fn checks_are_asked_without_a_screen_too_and_a_closed_one_takes_a_reason() {
    let edge = format!("[[check]]\nname = \"edge\"\nurl = \"{}\"\ncontains = \"ready\"\n", answering());
    let smoke = "[[check]]\nname = \"smoke\"\njob = \"smoke-$name-$revision\"\n";
    let gate = "[[policy]]\nmatch = \"*/payments/*\"\ngate = { checks = [\"edge\", \"smoke\"] }\n";
    let desk = Desk::open(&format!("{edge}{smoke}{gate}"));
    let plan = desk.act(&["advance", "payments/checkout", "--plan", "-o", "json"]);
    let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
    let told = |n: usize, key: &str| plan["checks"][n][key].as_str().unwrap_or_default().to_owned();
    assert_eq!((told(0, "name"), told(0, "outcome")), ("edge".to_owned(), "holds".to_owned()), "{plan:#}");
    assert_eq!((told(1, "name"), told(1, "outcome")), ("smoke".to_owned(), "closed".to_owned()), "{plan:#}");
    assert_eq!(plan["gates"][0]["gate"], "smoke", "{plan:#}");
    let refused = desk.act(&["advance", "payments/checkout", "--yes"]);
    assert_eq!(code(&refused), 1);
    let words = text(&refused.stderr);
    assert!(words.contains("nothing was sent: a gate is closed, the check smoke does not hold: there is no such Job"), "{words}");
    assert!(text(&refused.stdout).contains("edge holds: it answers 200 with the text asked for"), "{}", text(&refused.stdout));
    assert!(desk.told().is_empty());
    // A note is no reason to go past a gate, and --yes is no typed name.
    for args in [&["--note", "INC"][..], &["--past-gates", " "], &["--past-gates", "INC"], &["--past-gates", "INC", "--confirm", "chekout"]]
    {
        let refused = desk.act(&[&["advance", "payments/checkout", "--yes"], args].concat());
        let words = text(&refused.stderr);
        assert!(code(&refused) == 1 && words.contains("nothing was sent") && words.contains("--confirm"), "{args:?} {words}");
    }
    assert!(desk.told().is_empty());
    let past = ["advance", "payments/checkout", "--past-gates", "smoke was run by hand"];
    let plan = desk.act(&[&past[..], &["--plan"]].concat());
    assert_eq!(code(&plan), 0, "as it stands only its confirmation is missing: {}", text(&plan.stderr));
    assert!(text(&plan.stdout).contains("Confirm   --yes --confirm checkout: a gate is closed"), "{}", text(&plan.stdout));
    let done = desk.act(&[&past[..], &["--yes", "--confirm", "checkout"]].concat());
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    assert_eq!(desk.told()[0], "about");
    assert!(desk.notes()[0].starts_with("smoke was run by hand (over a closed gate: the check smoke does not hold"), "{:?}", desk.notes());
    // What leads to safety asks nobody.
    let abort = desk.act(&["abort", "payments/checkout", "--plan", "-o", "json"]);
    let abort: Value = serde_json::from_slice(&abort.stdout).unwrap();
    assert_eq!(abort["checks"], serde_json::json!([]), "{abort:#}");
}

#[test]
fn a_release_that_fails_is_not_taken_up_by_a_command_that_has_only_just_begun_to_look() {
    let desk = Desk::of(Served::start_at("bad-canary", "8m"), "");
    let plan = desk.act(&["advance", "payments/checkout", "--plan"]);
    let said = text(&plan.stdout);
    assert!(said.contains("Verdict   FAIL by ") && said.contains("Gate      closed: the verdict on 1.5.0 is FAIL by "), "{said}");
    for verb in ["advance", "promote-full", "skip"] {
        let sent = desk.act(&[verb, "payments/checkout", "--yes"]);
        assert_eq!(code(&sent), 1, "{verb} {}", text(&sent.stderr));
        assert!(text(&sent.stderr).contains("nothing was sent: a gate is closed, the verdict on 1.5.0 is FAIL"), "{}", text(&sent.stderr));
    }
    assert!(desk.told().is_empty());
    // Safety waits for none of it.
    let plan = desk.act(&["abort", "payments/checkout", "--plan", "-o", "json"]);
    let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
    assert_eq!((&plan["verdict"], &plan["gates"]), (&Value::Null, &serde_json::json!([])), "{plan:#}");
}

#[test]
fn the_limits_of_a_policy_are_looked_at_by_what_is_counted() {
    let gate = "[[policy]]\nmatch = \"*/payments/*\"\ngate = { budget = 0.01, burn = 1000 }\n";
    let desk = Desk::of(Served::start_at("canary", "6m"), gate);
    let plan = desk.act(&["skip", "payments/checkout", "--plan", "-o", "json"]);
    let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
    assert_eq!(plan["gates"], serde_json::json!([]), "both are known, and neither is near its limit: {plan:#}");
    // Nobody to ask: what a policy asks for is not known, and that closes it.
    let blind = desk.act(&["skip", "payments/checkout", "--plan", "-o", "json", "--prometheus", "none"]);
    let blind: Value = serde_json::from_slice(&blind.stdout).unwrap();
    assert_eq!((&blind["gates"][0]["gate"], &blind["gates"][1]["gate"]), (&"budget".into(), &"burn".into()), "{blind:#}");
}

#[test]
fn where_a_name_is_asked_for_yes_alone_sends_nothing() {
    let desk = Desk::open("[[policy]]\nmatch = \"*/payments/*\"\nabort = \"typed\"\n");
    let plan = desk.act(&["abort", "payments/checkout", "--plan"]);
    assert!(code(&plan) == 0 && text(&plan.stdout).contains("Confirm   --yes --confirm checkout: "), "{}", text(&plan.stdout));
    for args in [&["--note", "INC"][..], &["--confirm", "payments"], &["--confirm", ""]] {
        let refused = desk.act(&[&["abort", "payments/checkout", "--yes"], args].concat());
        let words = text(&refused.stderr);
        assert!(code(&refused) == 1 && words.contains("nothing was sent") && words.contains("checkout"), "{args:?} {words}");
    }
    assert!(desk.told().is_empty());
    let done = desk.act(&["abort", "payments/checkout", "--yes", "--confirm", "checkout"]);
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
}

#[test]
fn a_plan_that_could_not_be_sent_as_it_stands_is_no_0() {
    let desk = Desk::open("[[policy]]\nmatch = \"*/payments/*\"\npause = { note = \"required\" }\ngate = { exposure = 0.01 }\n");
    for (args, wanted, told) in [
        (&["abort", "payments/checkout"][..], 0, ""),
        (&["abort", "payments/checkout", "--read-only"], 1, "this session only reads"),
        (&["advance", "payments/checkout"], 1, "--past-gates"),
        (&["advance", "payments/checkout", "--past-gates", "INC"], 0, ""),
        (&["pause", "payments/checkout"], 1, "--note"),
        (&["pause", "payments/checkout", "--note", "INC"], 0, ""),
        (&["rollback", "payments/checkout", "--to", "99"], 1, ""),
    ] {
        let plan = desk.act(&[args, &["--plan"]].concat());
        assert!(code(&plan) == wanted && text(&plan.stderr).contains(told), "{args:?} {} {}", code(&plan), text(&plan.stderr));
        assert!(!text(&plan.stdout).is_empty(), "the plan is printed all the same: {args:?}");
    }
    assert!(desk.told().is_empty());
}
