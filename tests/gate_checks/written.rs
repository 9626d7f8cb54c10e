//! Checks as they are written in the config, and every mistake in one.

use std::path::Path;

use flightdeck::config;
use flightdeck::objects::{Kind, ReleaseRef};
use flightdeck::release::acting::check::{Compare, Holds, Looks};

fn load(text: &str) -> config::Loaded {
    config::load(Some((Path::new("config.toml"), text)))
}

const GATE: &str = "[[policy]]\nmatch = \"*/payments/*\"\ngate = { checks = [\"smoke\"] }\n";

#[test]
fn a_gate_asks_for_checks_by_name_wherever_they_stand() {
    let text = format!(
        "{GATE}[[policy]]\nmatch = \"*/*/checkout\"\ngate = {{ checks = [\"edge\", \"smoke\"], burn = 10 }}\n\
         [[check]]\nname = \"smoke\"\njob = \"smoke-$name-$revision\"\n\
         [[check]]\nname = \"edge\"\nurl = \"https://$name.example/healthz\"\nstatus = 204\ntimeout = \"2s\"\n"
    );
    let loaded = load(&text);
    assert_eq!((loaded.banners, loaded.read_only), (Vec::new(), None));
    let of = |name: &str| {
        let key = ReleaseRef { namespace: "payments".into(), name: name.into(), kind: Kind::Rollout };
        config::checks(&loaded.config.policies, "prod", &key)
    };
    let asked = of("checkout");
    assert_eq!(asked.iter().map(|(check, source)| (check.name.as_str(), source.line)).collect::<Vec<_>>(), [("smoke", 2), ("edge", 5)]);
    assert!(matches!(&asked[1].0.looks, Looks::Page { status: Some(204), contains: None, .. }));
    assert_eq!(of("cart").len(), 1);
}

#[test]
fn a_mistake_in_a_check_starts_it_read_only() {
    for (table, told) in [
        ("name = \"smoke\"", "it looks at nothing; write one of query, url and job"),
        ("job = \"smoke\"", "name is missing here"),
        ("name = \"smoke\"\njob = \"a\"\nurl = \"http://a\"", "a check looks at one thing, and here are url and job"),
        ("name = \"smoke\"\nquery = \"up\"", "holds is missing here"),
        ("name = \"smoke\"\nquery = \"up{\"\nholds = \"== 1\"", "this query can't be read"),
        ("name = \"smoke\"\nquery = \"up\"\nholds = \"1\"", "it begins with none of <, <=, >, >=, == and !="),
        ("name = \"smoke\"\nquery = \"up\"\nholds = \"< one\"", "there is no number behind <"),
        ("name = \"smoke\"\nquery = \"up\"\nholds = \"< NaN\"", "there is no number behind <"),
        ("name = \"smoke\"\nquery = 'up{pod=\"$pod\"}'\nholds = \"< 1\"", "'$pod' stands for nothing"),
        ("name = \"smoke\"\njob = \"a\"\nholds = \"< 1\"", "holds belongs to query"),
        ("name = \"smoke\"\njob = \"a\"\ncontains = \"x\"", "contains belongs to url"),
        ("name = \"smoke\"\nurl = \"http://a\"\nnamespace = \"b\"", "namespace belongs to job"),
        ("name = \"smoke\"\nurl = \"ftp://a\"", "is no address"),
        ("name = \"smoke\"\nurl = \"https://me:secret@a/\"", "a check sends no login"),
        ("name = \"smoke\"\nurl = \"http://a\"\nstatus = 99", "status is one HTTP status"),
        ("name = \"smoke\"\nurl = \"http://a\"\ntimeout = \"5m\"", "a check may take 60 s at most"),
        ("name = \"smoke\"\njob = \"Smoke Test\"", "is no name: small letters"),
        ("name = \"smoke\"\njob = \"a\"\nurll = \"x\"", "did you mean url"),
        ("name = \"smkoe\"\njob = \"a\"", "did you mean smkoe?"),
    ] {
        let loaded = load(&format!("{GATE}[[check]]\n{table}\n"));
        assert!(loaded.read_only.is_some(), "{table}");
        assert!(loaded.banners.iter().any(|mistake| mistake.to_string().contains(told)), "{table}: {:?}", loaded.banners);
        assert!(!loaded.banners.iter().any(|mistake| mistake.to_string().contains("secret")), "{:?}", loaded.banners);
    }
    let nobody = load("[[check]]\nname = \"smoke\"\njob = \"a\"\n");
    assert!(nobody.read_only.is_some() && nobody.banners[0].what.contains("no gate asks for the check 'smoke'"), "{nobody:?}");
    let twice = load(&format!("{GATE}[[check]]\nname = \"smoke\"\njob = \"a\"\n[[check]]\nname = \"smoke\"\njob = \"b\"\n"));
    assert!(twice.read_only.is_some() && twice.banners[0].what.contains("there is a check 'smoke' already"), "{twice:?}");
    let misspelt = load("[[chekc]]\nname = \"smoke\"\njob = \"a\"\n");
    assert!(misspelt.read_only.is_some(), "a table that was meant to be a check");
}

#[test]
fn a_value_that_is_no_number_holds_nothing() {
    for compare in Compare::ALL {
        let holds = Holds::parse(&format!("{} 1", compare.sign())).unwrap();
        assert_eq!(holds.compare, compare);
        assert!(!holds.of(f64::NAN), "{holds}");
    }
    let so = |text: &str, value: f64| Holds::parse(text).unwrap().of(value);
    assert!(so("< 1", 0.9) && !so("< 1", 1.0) && so("<= 1", 1.0) && !so("<=1", 1.1));
    assert!(so("> 1", 1.1) && !so("> 1", 1.0) && so(">= 1", 1.0) && so("== 1e0", 1.0) && so("!= 1", 2.0) && so(" <  -0.5 ", -1.0));
}
