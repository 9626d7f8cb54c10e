//! Who may do what in the embedded cluster: users, their groups and rules, as role-based access control has them.
//! Grants only: what no rule allows is forbidden. Never reads a request.

use serde::Deserialize;

/// What one rule allows. Empty lists of groups, resources or namespaces mean all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, or `*`.
    pub verbs: Vec<String>,
    /// API groups; the core group is `""`.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Plurals, with their subresource where one is meant (`deployments/scale`).
    #[serde(default)]
    pub resources: Vec<String>,
    /// Namespaces; with any named here, nothing across namespaces is allowed.
    #[serde(default)]
    pub namespaces: Vec<String>,
}

/// What is asked: a verb on a resource somewhere.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// As in [`Rule::verbs`].
    pub verb: &'a str,
    /// API group.
    pub group: &'a str,
    /// Plural.
    pub resource: &'a str,
    /// Subresource, or empty.
    pub subresource: &'a str,
    /// Namespace; `None` for all of them and for cluster scope.
    pub namespace: Option<&'a str>,
}

impl Rule {
    fn allows(&self, asked: Question<'_>) -> bool {
        let one = |list: &[String], word: &str| list.iter().any(|entry| entry == "*" || entry == word);
        let full = match asked.subresource {
            "" => asked.resource.to_owned(),
            sub => format!("{}/{sub}", asked.resource),
        };
        let every = format!("*/{}", asked.subresource);
        one(&self.verbs, asked.verb)
            && (self.groups.is_empty() || one(&self.groups, asked.group))
            && (self.resources.is_empty() || one(&self.resources, &full) || self.resources.contains(&every))
            && (self.namespaces.is_empty() || asked.namespace.is_some_and(|ns| one(&self.namespaces, ns)))
    }
}

/// A person or program the server knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// User name, as it stands in refusals.
    pub name: String,
    /// Groups besides `system:authenticated`.
    #[serde(default)]
    pub groups: Vec<String>,
    /// What the user may do.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

impl User {
    /// The user who may do everything.
    pub fn admin() -> Self {
        let rules = vec![Rule { verbs: vec!["*".into()], ..Rule::default() }];
        Self { name: "demo:admin".into(), groups: vec!["demo:admins".into()], rules }
    }

    /// The user who may read everything and write nothing.
    pub fn reader() -> Self {
        let rules = vec![Rule { verbs: ["get", "list", "watch"].map(String::from).to_vec(), ..Rule::default() }];
        Self { name: "demo:reader".into(), groups: vec!["demo:readers".into()], rules }
    }

    /// A user nobody gave rights to.
    pub fn stranger(name: String, groups: Vec<String>) -> Self {
        Self { name, groups, rules: Vec::new() }
    }

    /// Whether some rule allows it. Questions about oneself are always allowed, as in every real cluster.
    pub fn may(&self, asked: Question<'_>) -> bool {
        let oneself = matches!(asked.resource, "selfsubjectaccessreviews" | "selfsubjectrulesreviews" | "selfsubjectreviews")
            && asked.verb == "create"
            && matches!(asked.group, "authorization.k8s.io" | "authentication.k8s.io");
        oneself || self.rules.iter().any(|rule| rule.allows(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked<'a>(verb: &'a str, resource: &'a str, subresource: &'a str, namespace: Option<&'a str>) -> Question<'a> {
        Question { verb, group: "apps", resource, subresource, namespace }
    }

    #[test]
    fn reader_reads_and_writes_nothing() {
        let reader = User::reader();
        assert!(reader.may(asked("watch", "deployments", "", None)));
        assert!(reader.may(asked("get", "deployments", "scale", Some("a"))));
        for verb in ["create", "update", "patch", "delete", "deletecollection"] {
            assert!(!reader.may(asked(verb, "deployments", "", Some("a"))), "{verb}");
        }
    }

    #[test]
    fn a_rule_names_subresource_and_namespace_apart() {
        let rule = Rule {
            verbs: vec!["get".into(), "patch".into()],
            groups: vec!["apps".into()],
            resources: vec!["deployments".into(), "*/scale".into()],
            namespaces: vec!["payments".into()],
        };
        let user = User { name: "x".into(), groups: vec![], rules: vec![rule] };
        assert!(user.may(asked("get", "deployments", "", Some("payments"))));
        assert!(user.may(asked("patch", "replicasets", "scale", Some("payments"))));
        assert!(!user.may(asked("patch", "deployments", "status", Some("payments"))));
        assert!(!user.may(asked("get", "deployments", "", Some("shop"))));
        assert!(!user.may(asked("get", "deployments", "", None)));
        assert!(!user.may(Question { group: "", ..asked("get", "deployments", "", Some("payments")) }));
    }

    #[test]
    fn everybody_may_ask_about_themselves() {
        let user = User::stranger("x".into(), vec![]);
        let asked = Question {
            verb: "create",
            group: "authorization.k8s.io",
            resource: "selfsubjectaccessreviews",
            subresource: "",
            namespace: None,
        };
        assert!(user.may(asked));
    }
}
