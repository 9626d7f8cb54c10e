use super::*;

const TWO: &str = "
apiVersion: v1
kind: Config
current-context: prod
clusters:
- name: c1
  cluster: {server: 'https://one.example:6443/'}
contexts:
- name: prod
  context: {cluster: c1, user: ann, namespace: payments}
- name: staging
  context: {cluster: c9, user: ann}
users:
- name: ann
  user: {token: abc}
";

struct Place {
    folder: tempfile::TempDir,
    env: Vec<(&'static str, OsString)>,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), env: Vec::new() }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn choose(&self, target: &Target) -> Result<Chosen, String> {
        let env = |name: &str| self.env.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
        let account = self.folder.path().join("serviceaccount");
        choose(target, &Surroundings { env: &env, home: Some(self.folder.path().to_owned()), service_account: &account })
    }
}

fn words(chosen: Result<Chosen, String>) -> String {
    chosen.err().unwrap()
}

#[test]
fn the_home_folder_is_the_last_resort_and_the_demo_is_named_where_nothing_is() {
    let place = Place::new();
    let said = words(place.choose(&Target::default()));
    assert!(
        said.starts_with("no kubeconfig: looked for ") && said.contains(".kube/config") && said.contains("`flightdeck demo`"),
        "{said}"
    );
    place.file(".kube/config", TWO);
    let chosen = place.choose(&Target::default()).unwrap();
    assert_eq!(chosen.identity.context, "prod");
    assert_eq!(chosen.identity.server, "https://one.example:6443");
    assert_eq!(chosen.identity.user, "ann");
    assert_eq!(chosen.identity.namespace, "payments");
}

#[test]
fn a_list_of_files_is_merged_and_missing_ones_are_skipped() {
    let mut place = Place::new();
    let first = place.file("a", TWO);
    let second = place.file("b", &TWO.replace("current-context: prod", "current-context: staging").replace("name: c1", "name: c9"));
    place.env.push(("KUBECONFIG", std::env::join_paths([&place.folder.path().join("none"), &first, &second]).unwrap()));
    assert_eq!(place.choose(&Target::default()).unwrap().identity.context, "prod");
    let staging = place.choose(&Target { context: Some("staging".into()), ..Target::default() }).unwrap();
    assert_eq!(staging.identity.context, "staging");
    assert_eq!(staging.namespace, "default");
}

#[test]
fn a_wrong_context_names_the_nearest_and_all() {
    let place = Place::new();
    place.file(".kube/config", TWO);
    let said = words(place.choose(&Target { context: Some("stagin".into()), ..Target::default() }));
    assert_eq!(said, "there is no context stagin: did you mean staging? There are prod, staging");
    let said = words(place.choose(&Target { context: Some("staging".into()), ..Target::default() }));
    assert!(said.contains("in the cluster c9, which the kubeconfig does not describe"), "{said}");
}

#[test]
fn an_unreadable_file_is_told_with_its_line() {
    let place = Place::new();
    let path = place.file("broken", "apiVersion: v1\nclusters:\n- name: [\n");
    let said = words(place.choose(&Target { kubeconfig: Some(path.clone()), ..Target::default() }));
    assert!(said.contains(&path.display().to_string()) && said.contains("line "), "{said}");
    let said = words(place.choose(&Target { kubeconfig: Some(place.folder.path().join("nowhere")), ..Target::default() }));
    assert!(said.starts_with("there is no kubeconfig ") && said.contains("flightdeck demo"), "{said}");
}

#[test]
fn inside_a_pod_the_service_account_is_used() {
    let mut place = Place::new();
    let authority = rcgen::generate_simple_self_signed(vec!["kubernetes".to_owned()]).unwrap().cert.pem();
    place.file("serviceaccount/ca.crt", &authority);
    place.file("serviceaccount/namespace", "payments\n");
    let token = place.file("serviceaccount/token", "abc\n");
    place.env.push(("KUBERNETES_SERVICE_HOST", "fd00::1".into()));
    place.env.push(("KUBERNETES_SERVICE_PORT", "443".into()));
    let chosen = place.choose(&Target::default()).unwrap();
    assert_eq!(chosen.cluster.to_string(), "https://[fd00::1]:443/");
    assert_eq!(chosen.identity.namespace, "payments");
    assert_eq!(chosen.identity.context, "in-cluster");
    assert_eq!(chosen.auth.token_file, Some(token.display().to_string()));
    assert_eq!(chosen.roots.unwrap().len(), 1);
}

#[test]
fn authorities_are_read_from_data_and_file_and_named_when_wrong() {
    let place = Place::new();
    let pem = rcgen::generate_simple_self_signed(vec!["a".to_owned()]).unwrap().cert.pem();
    place.file(".kube/ca.pem", &pem);
    place.file(".kube/config", &TWO.replace("server:", "certificate-authority: ca.pem, server:"));
    assert_eq!(place.choose(&Target::default()).unwrap().roots.unwrap().len(), 1);
    // "hello" in base64: readable, but no certificate.
    place.file(".kube/config", &TWO.replace("server:", "certificate-authority-data: aGVsbG8=, server:"));
    assert_eq!(words(place.choose(&Target::default())), "the certificate authority of the cluster c1 holds no certificate in PEM");
    place.file(".kube/config", &TWO.replace("server:", "certificate-authority-data: '***', server:"));
    assert!(words(place.choose(&Target::default())).contains("is not base64"));
}

#[test]
fn acting_as_somebody_else_is_handed_on() {
    let place = Place::new();
    place.file(".kube/config", TWO);
    let other = super::super::Impersonate { user: "bob".into(), groups: vec!["dev".into()] };
    let chosen = place.choose(&Target { impersonate: Some(other), ..Target::default() }).unwrap();
    assert_eq!(chosen.auth.impersonate.as_deref(), Some("bob"));
    assert_eq!(chosen.auth.impersonate_groups, Some(vec!["dev".to_owned()]));
}
