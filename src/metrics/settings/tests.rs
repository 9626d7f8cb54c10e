use std::path::PathBuf;

use super::*;

fn fault(url: &str) -> String {
    Settings::new(url).err().map(|fault| fault.to_string()).unwrap_or_default()
}

#[test]
fn an_address_keeps_its_path_and_loses_its_credentials() {
    let settings = Settings::new("https://ann:p%40ss@prom.example:9443/prometheus/").unwrap();
    assert_eq!(settings.address.to_string(), "https://prom.example:9443/prometheus");
    assert_eq!(settings.address.join("api/v1/query").as_str(), "https://prom.example:9443/prometheus/api/v1/query");
    let basic = settings.basic.clone().unwrap();
    assert_eq!((basic.user.as_str(), basic.password.as_ref().unwrap().reveal()), ("ann", "p@ss"));
    assert!(!format!("{settings:?}").contains("p@ss"), "{settings:?}");
    assert!(!format!("{settings:?}").contains("p%40ss"), "{settings:?}");
}

#[test]
fn a_bad_address_says_what_is_wrong_and_repeats_nothing() {
    assert!(fault("prometheus.example:9090").contains("no scheme"), "{}", fault("prometheus.example:9090"));
    assert!(fault("localhost:9090").contains("no scheme"));
    assert!(fault("").contains("empty"));
    assert!(fault("ftp://h").contains("http://"));
    assert!(fault("https://h/?tenant=x").contains("query"));
    assert!(!fault("https://ann:hunter2@h:port").contains("hunter2"));
}

#[test]
fn files_are_read_below_home_and_trimmed() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("token"), "abc\n").unwrap();
    let mut settings = Settings::new("http://h").unwrap();
    settings.home = Some(home.path().to_path_buf());
    settings.bearer_token_file = Some(PathBuf::from("~/token"));
    assert_eq!(settings.load().unwrap_or_default().token, Some(Secret::new("abc")));
}

#[test]
fn unusable_files_are_sentences() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("empty"), "  \n").unwrap();
    std::fs::write(home.path().join("der"), [0x30, 0x82, 0xff]).unwrap();
    let base = Settings { home: Some(home.path().to_path_buf()), ..Settings::new("http://h").unwrap() };
    let said = |settings: Settings| settings.load().err().map(|fault| fault.to_string()).unwrap_or_default();
    let token = |path: &str| said(Settings { bearer_token_file: Some(path.into()), ..base.clone() });
    assert!(token("~/gone").contains("does not exist"), "{}", token("~/gone"));
    assert!(token("~/empty").contains("is empty"));
    assert!(token("~").contains("folder"));
    assert!(said(Settings { ca: Some("~/der".into()), ..base.clone() }).contains("no PEM block `CERTIFICATE`"));
    assert!(said(Settings { client_cert: Some("~/der".into()), ..base.clone() }).contains("client_key"));
    assert!(said(Settings { home: None, bearer_token_file: Some("~/x".into()), ..base }).contains("no home folder"));
}

#[test]
fn this_machine_is_known() {
    for (url, here) in
        [("http://127.0.0.1:9090", true), ("http://[::1]:9090", true), ("http://localhost", true), ("http://10.0.0.1", false)]
    {
        assert_eq!(Settings::new(url).unwrap().address.is_loopback(), here, "{url}");
    }
}
