//! The link: who and where, heartbeats, silence, logins, and everything that can't be reached.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flightdeck::cluster::{Impersonate, Pace, Target, rights_for_board, rights_for_release};
use flightdeck::objects::Kind;
use flightdeck::ports::ReadCluster;
use flightdeck::ports::rights::{Allowed, Right};
use flightdeck::ports::{ClusterEvent, Identity, LinkState, Scope, SourceState};
use flightdeck::text::Clean;

use crate::fake::{Asked, Fake, Script};
use crate::lists::paged;
use crate::seen::*;

fn fine(asked: &Asked) -> Script {
    paged(asked, |_| Script::ok(list(5, &[object("a", 1)])), |_| Script::ok("").hold())
}

async fn unusable(seen: &mut Seen) -> String {
    match seen.until("unusable", |e| matches!(e, ClusterEvent::Link(LinkState::Unusable(_)))).await {
        ClusterEvent::Link(LinkState::Unusable(words)) => words.to_string(),
        _ => unreachable!(),
    }
}

async fn lost(seen: &mut Seen) -> String {
    match seen.until("lost", |e| matches!(e, ClusterEvent::Link(LinkState::Lost { .. }))).await {
        ClusterEvent::Link(LinkState::Lost { reason, .. }) => reason.to_string(),
        _ => unreachable!(),
    }
}

#[tokio::test]
async fn who_and_where_is_said_before_the_network_and_completed_by_the_server() {
    let fake = Fake::start(fine).await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.until_live().await;
    let known = Identity {
        context: "test".into(),
        server: Clean::from(fake.address.as_str()),
        user: "ann".into(),
        groups: Vec::new(),
        namespace: "payments".into(),
        version: Clean::default(),
    };
    assert_eq!(seen.said[0], ClusterEvent::Identity(known.clone()));
    assert_eq!(seen.said[1], ClusterEvent::Link(LinkState::Connecting(format!("connecting to {}", fake.address).into())));
    let whole = Identity { user: "ann@example.com".into(), groups: vec!["a".into()], version: "v1.36.1".into(), ..known };
    seen.until("the server's word", |e| *e == ClusterEvent::Identity(whole.clone())).await;
    let heard = "2026-11-21T05:00:00Z".parse().unwrap();
    assert!(seen.said.contains(&ClusterEvent::Heard { server_time: heard }));
    let first = &fake.asked()[0];
    assert_eq!(first.header("user-agent"), concat!("flightdeck/", env!("CARGO_PKG_VERSION")));
    assert_eq!(first.header("authorization"), "Bearer abc");
}

#[tokio::test]
async fn the_first_word_does_not_wait_for_a_server_that_never_answers() {
    let fake = Fake::start(|_| Script::silent()).await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", Pace { heartbeat_limit: Duration::from_secs(60), ..quick() });
    let asked = tokio::time::Instant::now();
    seen.until("identity", |e| matches!(e, ClusterEvent::Identity(_))).await;
    seen.until("connecting", |e| matches!(e, ClusterEvent::Link(LinkState::Connecting(_)))).await;
    assert!(asked.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_silent_hang_is_noticed_by_the_heartbeat_and_the_watch_goes_on_where_it_was() {
    let fake = Fake::start(fine).await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod)]);
    seen.until_list().await;
    seen.until_source("live", |s| *s == SourceState::Live).await;
    fake.hang(true);
    let hung = tokio::time::Instant::now();
    let reason = lost(&mut seen).await;
    assert!(reason.contains("did not answer within 1 s"), "{reason}");
    let pace = quick();
    assert!(hung.elapsed() < pace.heartbeat + pace.heartbeat_limit + Duration::from_millis(900), "{:?}", hung.elapsed());
    seen.until_retrying("waiting for the link").await;
    fake.hang(false);
    seen.until_live().await;
    seen.until_source("live again", |s| *s == SourceState::Live).await;
    let lists = fake.asked_for("/api/v1/namespaces/payments/pods").iter().filter(|asked| !asked.watch()).count();
    assert_eq!(lists, 1, "nothing was listed again");
}

#[tokio::test]
async fn a_download_that_outlasts_the_heartbeat_is_no_hang() {
    let fake = Fake::start(|asked| {
        if asked.path == "/version" && asked.turn > 0 {
            return Script::silent();
        }
        let slow = (0..40).fold(Script::ok(r#"{"metadata":{"resourceVersion":"5"},"items":["#), |script, i| {
            script.wait(60).then(format!("{}{}", if i > 0 { "," } else { "" }, object("a", i)))
        });
        paged(asked, |_| slow.clone().then("]}"), |_| Script::ok("").hold())
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod)]);
    assert_eq!(seen.until_list().await.len(), 40);
    assert!(!seen.said.iter().any(|e| matches!(e, ClusterEvent::Link(LinkState::Lost { .. }))));
    lost(&mut seen).await;
}

#[tokio::test]
async fn an_address_that_refuses_says_so_and_is_tried_until_it_answers() {
    let address = {
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", free.local_addr().unwrap())
    };
    let mut seen = Seen::connect(&address, "{token: abc}", quick());
    assert_eq!(lost(&mut seen).await, format!("{address} refuses the connection: nothing listens there, or a firewall says no"));
    lost(&mut seen).await;
}

#[tokio::test]
async fn a_name_that_is_nowhere_says_so() {
    let mut seen =
        Seen::connect("http://no-such-host.invalid:1", "{token: abc}", Pace { heartbeat_limit: Duration::from_secs(7), ..quick() });
    assert_eq!(lost(&mut seen).await, "the name of http://no-such-host.invalid:1 can't be resolved: check the network or the VPN");
}

#[tokio::test]
async fn a_gateway_without_a_server_behind_it_is_lost() {
    let fake = Fake::start(|asked| match asked.path.as_str() {
        "/version" => Script::status(503, "no healthy upstream"),
        _ => fine(asked),
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    assert_eq!(lost(&mut seen).await, "the server answers 503 Service Unavailable");
}

#[tokio::test]
async fn no_kubeconfig_and_unknown_contexts_are_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = path(&folder, "nowhere");
    let target = Target { kubeconfig: Some(nowhere.clone()), pace: quick(), ..Target::default() };
    let mut seen = Seen::with(folder, target);
    let said = unusable(&mut seen).await;
    assert_eq!(said, format!("there is no kubeconfig {}: check --kubeconfig, or see `flightdeck demo`", nowhere.display()));

    let folder = tempfile::tempdir().unwrap();
    let file = path(&folder, "config");
    std::fs::write(&file, config("http://127.0.0.1:1", "{}")).unwrap();
    let target = Target { kubeconfig: Some(file.clone()), context: Some("tset".into()), pace: quick(), ..Target::default() };
    let mut seen = Seen::with(folder, target);
    assert_eq!(unusable(&mut seen).await, "there is no context tset: did you mean test? There are test");
    let known = flightdeck::cluster::contexts(Some(&file)).unwrap();
    assert_eq!((known.names, known.current), (vec!["test".into()], Some("test".into())));
}

#[tokio::test]
async fn acting_as_somebody_else_goes_along_with_every_request() {
    let fake = Fake::start(fine).await;
    let folder = tempfile::tempdir().unwrap();
    let file = path(&folder, "config");
    std::fs::write(&file, config(&fake.address, "{token: abc}")).unwrap();
    let other = Impersonate { user: "bob".into(), groups: vec!["dev".into()] };
    let mut seen = Seen::with(folder, Target { kubeconfig: Some(file), impersonate: Some(other), pace: quick(), ..Target::default() });
    seen.want(&[interest(1, Kind::Pod)]);
    seen.until_list().await;
    assert!(fake.asked().iter().all(|asked| asked.header("impersonate-user") == "bob" && asked.header("impersonate-group") == "dev"));
}

#[tokio::test]
async fn a_kubeconfig_that_appears_later_is_taken_up() {
    let fake = Fake::start(fine).await;
    let folder = tempfile::tempdir().unwrap();
    let file = path(&folder, "config");
    let mut seen = Seen::with(folder, Target { kubeconfig: Some(file.clone()), pace: quick(), ..Target::default() });
    unusable(&mut seen).await;
    std::fs::write(&file, config(&fake.address, "{token: abc}")).unwrap();
    seen.until_live().await;
}

/// A login helper as a script.
fn helper(folder: &tempfile::TempDir, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let file = path(folder, "aws-iam-authenticator");
    std::fs::write(&file, format!("#!/bin/sh\ncd '{}'\n{script}\n", folder.path().display())).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{}', interactiveMode: IfAvailable, installHint: Get it., args: [token]}}}}",
        file.display()
    )
}

#[tokio::test]
async fn an_expired_token_is_fetched_again_from_the_login_helper() {
    let folder = tempfile::tempdir().unwrap();
    let user = helper(
        &folder,
        r#"echo x >> runs; n=$(wc -l < runs); test -n "$KUBERNETES_EXEC_INFO" && test "$1" = token || exit 3
echo "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"t$((n))\"}}""#,
    );
    let expired = Arc::new(AtomicBool::new(false));
    let fake = Fake::start({
        let expired = expired.clone();
        move |asked| match asked.header("authorization") {
            "Bearer t1" if !expired.load(Ordering::SeqCst) => fine(asked),
            "Bearer t2" => fine(asked),
            _ => Script::error(401, "Unauthorized", "Unauthorized"),
        }
    })
    .await;
    let mut seen = Seen::connect(&fake.address, &user, quick());
    seen.want(&[interest(1, Kind::Pod)]);
    seen.until("the helper", |e| {
        *e == ClusterEvent::Link(LinkState::Connecting("waiting for the login helper aws-iam-authenticator".into()))
    })
    .await;
    seen.until_live().await;
    seen.until_list().await;
    expired.store(true, Ordering::SeqCst);
    seen.until("says so", |e| {
        *e == ClusterEvent::Link(LinkState::Connecting(
            "the server no longer accepts the login (401 Unauthorized): logging in again".into(),
        ))
    })
    .await;
    seen.until_live().await;
    assert!(!seen.said.iter().any(|e| matches!(e, ClusterEvent::Link(LinkState::Lost { .. }))));
    assert_eq!(std::fs::read_to_string(path(&folder, "runs")).unwrap(), "x\nx\n", "the helper runs once for each login");
}

#[tokio::test]
async fn a_source_that_is_refused_first_asks_for_a_new_login_itself() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(&folder, "token");
    std::fs::write(&file, "old\n").unwrap();
    let fake = Fake::start(|asked| match asked.header("authorization") {
        "Bearer new" => fine(asked),
        // Heartbeats still pass: some gateways answer them themselves.
        "Bearer old" if asked.path == "/version" => fine(asked),
        _ => Script::error(401, "Unauthorized", "Unauthorized"),
    })
    .await;
    let mut seen = Seen::connect(&fake.address, &format!("{{tokenFile: '{}'}}", file.display()), quick());
    seen.until_live().await;
    seen.want(&[interest(1, Kind::Pod)]);
    std::fs::write(&file, "new\n").unwrap();
    seen.until_retrying("the server does not accept the login (401 Unauthorized): logging in again").await;
    assert_eq!(seen.until_list().await, ["a"]);
}

#[tokio::test]
async fn a_login_about_to_expire_is_renewed_without_a_word_and_without_cutting_a_watch() {
    let folder = tempfile::tempdir().unwrap();
    let user = helper(
        &folder,
        r#"echo x >> runs; n=$(wc -l < runs); at=2099-01-01T00:00:00Z; test $((n)) = 1 && at=2020-01-01T00:00:00Z
echo "{\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t$((n))\",\"expirationTimestamp\":\"$at\"}}""#,
    );
    let fake = Fake::start(fine).await;
    let mut seen = Seen::connect(&fake.address, &user, Pace { quiet_watch: Duration::from_secs(60), ..quick() });
    seen.want(&[interest(1, Kind::Pod)]);
    seen.until_source("live", |s| *s == SourceState::Live).await;
    let before = seen.said.len();
    seen.listen(6500).await;
    let last = fake.asked_for("/version").pop().unwrap();
    assert_eq!(last.header("authorization"), "Bearer t2");
    assert!(
        seen.said[before..].iter().all(|e| matches!(e, ClusterEvent::Heard { .. } | ClusterEvent::Identity(_))),
        "{:?}",
        &seen.said[before..]
    );
    assert_eq!(fake.asked_for("/api/v1/namespaces/payments/pods").iter().filter(|asked| asked.watch() && !asked.streamed()).count(), 1);
}

#[tokio::test]
async fn a_login_that_is_never_accepted_is_lost_with_the_users_name() {
    let fake = Fake::start(|_| Script::error(401, "Unauthorized", "Unauthorized")).await;
    let mut seen = Seen::connect(&fake.address, "{username: ann, password: secret}", quick());
    let said = lost(&mut seen).await;
    assert_eq!(said, format!("{} does not accept the login of ann (401 Unauthorized): log in again", fake.address));
    assert!(fake.asked()[0].header("authorization").starts_with("Basic "));
    assert!(!format!("{:?}", seen.said).contains("secret"));
}

#[tokio::test]
async fn login_helpers_that_fail_hang_or_are_missing_are_named() {
    let address = "http://127.0.0.1:1";
    let folder = tempfile::tempdir().unwrap();
    let failing = helper(&folder, "echo 'first' >&2; echo 'your SSO session has expired' >&2; exit 4");
    let said = lost(&mut Seen::connect(address, &failing, quick())).await;
    assert!(said.starts_with("the login helper aws-iam-authenticator failed (exit status: 4): your SSO session has expired"), "{said}");

    let hanging = helper(&folder, "exec sleep 60");
    let pace = Pace { login_limit: Duration::from_millis(200), ..quick() };
    let said = lost(&mut Seen::connect(address, &hanging, pace)).await;
    assert!(said.starts_with("the login helper aws-iam-authenticator did not finish within 0.2 s"), "{said}");

    let odd = helper(&folder, "echo hello");
    let said = lost(&mut Seen::connect(address, &odd, quick())).await;
    assert!(said.contains("printed something that is no ExecCredential"), "{said}");

    let missing = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-helper, installHint: Get it from the shelf.}}";
    let said = unusable(&mut Seen::connect(address, missing, quick())).await;
    assert_eq!(said, "the login helper no-such-helper is not installed, or not in PATH. Get it from the shelf.");

    let asking = helper(&folder, "exit 0").replace("IfAvailable", "Always");
    let said = unusable(&mut Seen::connect(address, &asking, quick())).await;
    assert!(said.contains("wants to ask you something"), "{said}");
}

#[tokio::test]
async fn rights_are_asked_for_and_answered_in_words() {
    let fake = Fake::start(|asked| match asked.path.as_str() {
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" if asked.turn == 0 => {
            Script::status(201, r#"{"status":{"allowed":true,"reason":"RBAC: allowed by RoleBinding"}}"#)
        }
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" => {
            Script::status(201, r#"{"status":{"allowed":false,"reason":"no rule"}}"#)
        }
        _ => fine(asked),
    })
    .await;
    let seen = Seen::connect(&fake.address, "{token: abc}", quick());
    let reviews = |fake: &Fake| fake.asked().iter().filter(|asked| asked.method == "POST").count();
    let asker = seen.connection.asker();
    let scope = Scope::Namespace("payments".into());
    let right = Right { verb: "patch", kind: Kind::Rollout, subresource: "status", scope: scope.clone() };
    assert_eq!(right.words(), "patch rollouts.argoproj.io/status in payments");
    assert_eq!(asker.can(&right).await, Ok(Allowed::Yes));
    assert_eq!(asker.can(&right).await, Ok(Allowed::No("no rule".into())));
    assert!(reviews(&fake) >= 2, "reviews are asked by POST");
    assert_eq!(rights_for_board(&scope).len() + rights_for_release(&scope).len(), 2 * Kind::ALL.len());
}

#[tokio::test]
async fn releases_elsewhere_are_counted_from_one_object() {
    let fake = Fake::start(|asked| match asked.path.as_str() {
        "/apis/argoproj.io/v1alpha1/rollouts" => Script::error(404, "NotFound", "no"),
        "/apis/apps/v1/deployments" => {
            Script::ok(r#"{"metadata":{"resourceVersion":"1","continue":"x","remainingItemCount":41},"items":[{"metadata":{}}]}"#)
        }
        // Each has two of the Deployments, and is one release with them.
        "/apis/flagger.app/v1beta1/canaries" => {
            Script::ok(r#"{"metadata":{"resourceVersion":"1","continue":"x","remainingItemCount":4},"items":[{"metadata":{}}]}"#)
        }
        _ => fine(asked),
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.connection.count_elsewhere();
    seen.until("the count", |e| *e == ClusterEvent::Elsewhere(37)).await;
}
