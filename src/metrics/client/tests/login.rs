//! Logins, headers and redirects.

use super::*;
use crate::metrics::settings::{Basic, Secret};

fn guarded(header: &'static str, value: &str) -> Answer {
    Answer::Guarded { header, value: value.to_owned(), body: ONE }
}

async fn outcome(settings: &Settings) -> Result<Reply, Failure> {
    Client::new(settings).unwrap().instant("up", at()).await
}

#[tokio::test]
async fn a_bearer_token_a_password_and_a_header_open_the_door() {
    let bearer = Server::new(guarded("authorization", "Bearer t0ken")).await;
    let plain = Settings::new(&bearer.url).unwrap();
    assert!(matches!(outcome(&plain).await, Err(Failure::Unauthorized(_))));
    assert!(outcome(&Settings { bearer_token: Some(Secret::new("t0ken")), ..plain }).await.is_ok());

    let basic = Server::new(guarded("authorization", "Basic YW5uOnBAc3M=")).await;
    assert!(outcome(&Settings::new(&basic.url.replace("http://", "http://ann:p%40ss@")).unwrap()).await.is_ok());
    let password = Basic { user: "ann".into(), password: Some(Secret::new("p@ss")), password_file: None };
    assert!(outcome(&Settings { basic: Some(password), ..Settings::new(&basic.url).unwrap() }).await.is_ok());

    let tenant = Server::new(guarded("x-scope-orgid", "team-a")).await;
    let headers = vec![("X-Scope-OrgID".to_owned(), Secret::new("team-a"))];
    assert!(outcome(&Settings { headers, ..Settings::new(&tenant.url).unwrap() }).await.is_ok());
}

#[tokio::test]
async fn a_renewed_token_is_used_from_the_next_question_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "old").unwrap();
    let server = Server::new(guarded("authorization", "Bearer new")).await;
    let settings = Settings { bearer_token_file: Some(file.clone()), ..Settings::new(&server.url).unwrap() };
    let client = Client::new(&settings).unwrap();
    assert_eq!(client.instant("up", at()).await.unwrap_err().word(), "login needed");
    std::fs::write(&file, "new").unwrap();
    assert!(client.instant("up", at()).await.is_ok());
    std::fs::remove_file(&file).unwrap();
    let gone = client.instant("up", at()).await.unwrap_err();
    assert_eq!((gone.word(), server.count()), ("settings", 2));
}

#[tokio::test]
async fn nothing_secret_is_in_debug_or_an_error() {
    let server = Server::new(Answer::text(403, "no")).await;
    let mut settings = Settings::new(&server.url.replace("http://", "http://ann:hunter2@")).unwrap();
    settings.bearer_token = Some(Secret::new("hunter2"));
    settings.headers = vec![("x-key".into(), Secret::new("hunter2"))];
    let client = Client::new(&settings).unwrap();
    let failure = client.instant("up", at()).await.unwrap_err();
    for text in [format!("{settings:?}"), format!("{client:?}"), format!("{failure:?}"), failure.to_string(), client.address().to_string()]
    {
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert_eq!(failure.word(), "forbidden");
    settings.headers = vec![("x-key".into(), Secret::new("hun\nter2"))];
    let fault = Client::new(&settings).err().unwrap().to_string();
    assert!(fault.contains("x-key") && !fault.contains("ter2"), "{fault}");
}

#[tokio::test]
async fn a_redirect_is_followed_at_home_and_nowhere_else() {
    let home = Server::new(Answer::text(307, "").header("location", "/prometheus/here")).await;
    assert!(outcome(&Settings::new(&home.url).unwrap()).await.is_ok());
    let elsewhere = Server::new(Answer::json(200, ONE)).await;
    let away = Answer::text(302, "").header("location", &format!("{}/login?token=s3cret", elsewhere.url));
    let server = Server::new(away).await;
    let settings = Settings { headers: vec![("x-key".into(), Secret::new("k"))], ..Settings::new(&server.url).unwrap() };
    let failure = outcome(&settings).await.unwrap_err();
    assert_eq!(failure, Failure::Moved { status: 302, to: Clean::from(format!("{}/login", elsewhere.url)) });
    assert_eq!(elsewhere.count(), 0);
}
