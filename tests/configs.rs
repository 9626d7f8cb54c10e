//! Folders of good and bad settings files. A good file passes without a word; each bad file pins, in the `.txt` beside it, every
//! sentence it earns. Random text in place of any file is refused in words and never in a panic.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use flightdeck::config::{self, Asked, Mistake, Text, files};
use flightdeck::keys::{self, Action, Chord, Chords, Keymap, Mode, Press, Resolver};
use flightdeck::theme::{self, Depth, Role, Theme};
use proptest::prelude::*;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs").join(name)
}

fn toml_files(name: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder(name)).expect("the folder is there").map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    assert!(paths.len() > 5, "{name} holds files to judge");
    paths
}

/// What the program says about a text of this kind: all mistakes, and the reason to start read-only.
fn judge(kind: &str, text: &str) -> (Vec<Mistake>, Option<String>) {
    let text = Text { name: "test".into(), file: "test.toml".into(), text: text.to_owned() };
    match kind {
        "keymap" => {
            let mut shelf = keys::shelf();
            assert_eq!(shelf.add(text), None);
            (keys::load(&shelf, "test", None).expect("it is on the shelf").1, None)
        }
        "theme" => {
            let mut shelf = theme::shelf();
            assert_eq!(shelf.add(text), None);
            (theme::load(&shelf, "test", None, Depth::Rgb).expect("it is on the shelf").1, None)
        }
        "config" => {
            let loaded = config::load(Some((Path::new("test.toml"), &text.text)));
            (loaded.banners, loaded.read_only)
        }
        other => panic!("{other} is no kind of file; begin the name with keymap-, theme- or config-"),
    }
}

fn kind_and_text(path: &Path) -> (String, String) {
    let name = path.file_name().expect("a name").to_string_lossy();
    (name.split('-').next().unwrap_or_default().to_owned(), std::fs::read_to_string(path).expect("readable"))
}

#[test]
fn good_files_pass_without_a_word() {
    for path in toml_files("good") {
        let (kind, text) = kind_and_text(&path);
        assert_eq!(judge(&kind, &text), (Vec::new(), None), "{}", path.display());
    }
}

#[test]
fn each_bad_file_earns_exactly_the_sentences_beside_it() {
    let mut wrong = String::new();
    for path in toml_files("bad") {
        let (kind, text) = kind_and_text(&path);
        let (mistakes, read_only) = judge(&kind, &text);
        let said: Vec<String> = mistakes.iter().map(ToString::to_string).chain(read_only).collect();
        let said = format!("{}\n", said.join("\n"));
        let pinned = std::fs::read_to_string(path.with_extension("txt")).unwrap_or_default();
        if said != pinned {
            wrong.push_str(&format!("--- {}\n{said}", path.with_extension("txt").display()));
        }
    }
    assert!(wrong.is_empty(), "these files say something else than what is pinned:\n{wrong}");
}

#[test]
fn the_shipped_files_are_good() {
    for (name, _) in keys::SHIPPED {
        assert_eq!(keys::load(&keys::shelf(), name, None).expect("shipped").1, Vec::new(), "keymap {name}");
    }
    for (name, _) in theme::SHIPPED {
        let (theme, mistakes) = theme::load(&theme::shelf(), name, None, Depth::Rgb).expect("shipped");
        assert_eq!(mistakes, Vec::new(), "theme {name}");
        assert_eq!(theme::lint(&theme), Vec::<String>::new(), "theme {name}");
    }
}

#[test]
fn a_file_with_a_mistake_is_left_out_and_what_lies_below_holds() {
    let mut shelf = keys::shelf();
    let bad = "inherits = \"vim\"\n[mode.board]\n\"x\" = \"mark\"\n\"v\" = \"sotr\"\n".to_owned();
    shelf.add(Text { name: "mine".into(), file: "mine.toml".into(), text: bad });
    let (keymap, mistakes) = keys::load(&shelf, "mine", None).expect("on the shelf");
    assert_eq!(mistakes.len(), 1);
    assert_eq!(keymap, keys::load(&keys::shelf(), "vim", None).expect("shipped").0);
}

#[test]
fn the_persons_own_layer_wins_chord_by_chord_over_any_keymap() {
    let own = Text { name: "keys".into(), file: "keys.toml".into(), text: "[mode.board]\n\"S\" = \"none\"\n\"x\" = \"mark\"\n".into() };
    for (name, _) in keys::SHIPPED {
        let (keymap, mistakes) = keys::load(&keys::shelf(), name, Some(&own)).expect("shipped");
        assert_eq!(mistakes, Vec::new());
        let action = |mode, text| keymap.get(mode, Chords::parse(text).expect("a chord").as_slice()).map(|binding| binding.action);
        assert_eq!(action(Mode::Board, "x"), Some(Action::Mark));
        assert_eq!(action(Mode::Board, "S"), None, "none hides what global says, on the board");
        assert_eq!(action(Mode::Pods, "S"), Some(Action::ReverseSort), "and only there");
    }
}

#[test]
fn arrows_needs_no_control_key_at_all() {
    let (keymap, _) = keys::load(&keys::shelf(), "arrows", None).expect("shipped");
    for mode in Mode::ALL {
        for (chords, binding) in keymap.bindings(mode) {
            assert!(!chords.as_slice().iter().any(|chord| chord.mods().ctrl || chord.mods().alt), "{chords} = {}", binding.action);
        }
    }
}

#[test]
fn every_shipped_keymap_acts_with_the_same_keys_on_the_release_screen_and_never_confirms_with_one_of_them() {
    for name in ["default", "vim", "arrows"] {
        let (keymap, _) = keys::load(&keys::shelf(), name, None).expect("shipped");
        let mut resolver = Resolver::new(keymap.into());
        let acts =
            [("a", Action::Abort), ("p", Action::Pause), ("g", Action::Advance), ("R", Action::RollBack), ("P", Action::PromoteFull)];
        for (key, action) in acts {
            assert_eq!(press(&mut resolver, Mode::Release, key), Press::Action(action), "{name}");
            // The key that opens a plan, held down or pressed twice, must not send it; nor may enter.
            for pressed in [key, "enter"] {
                assert_ne!(press(&mut resolver, Mode::Plan, pressed), Press::Action(Action::Confirm), "{name}: {pressed}");
            }
        }
        assert_eq!(press(&mut resolver, Mode::Release, "h"), Press::Action(Action::ShowRevisions), "{name}");
        assert_eq!(press(&mut resolver, Mode::Plan, "y"), Press::Action(Action::Confirm), "{name}");
    }
}

fn press(resolver: &mut Resolver, mode: Mode, keys: &str) -> Press {
    keys.split(' ').map(|key| resolver.press(mode, Chord::parse(key).expect("a chord"))).last().expect("a key")
}

#[test]
fn a_sequence_tells_what_may_follow_and_then_acts() {
    let mut resolver = Resolver::new(Keymap::built_in().into());
    let Press::Pending(follows) = press(&mut resolver, Mode::Board, "y") else { panic!("y is the beginning of several") };
    let follows: Vec<String> = follows.iter().map(|way| format!("{} {}", way.rest, way.action)).collect();
    assert_eq!(follows, ["k copy-kubectl", "n copy-name", "s copy-summary", "v copy-value"]);
    assert_eq!(press(&mut resolver, Mode::Board, "n"), Press::Action(Action::CopyName));
    assert!(resolver.pending().is_empty());
}

#[test]
fn a_press_that_continues_nothing_does_nothing() {
    let mut resolver = Resolver::new(Keymap::built_in().into());
    assert_eq!(press(&mut resolver, Mode::Board, "y q"), Press::Nothing, "q would have quit");
    assert_eq!(press(&mut resolver, Mode::Board, "y esc"), Press::Nothing, "esc closes the sequence and no more");
    assert!(matches!(press(&mut resolver, Mode::Board, "y"), Press::Pending(_)));
    assert_eq!(press(&mut resolver, Mode::Pods, "n"), Press::Nothing, "a sequence does not cross screens");
}

#[test]
fn ctrl_c_leaves_whatever_the_keymap_says() {
    for (name, _) in keys::SHIPPED {
        let mut resolver = Resolver::new(keys::load(&keys::shelf(), name, None).expect("shipped").0.into());
        for mode in Mode::ALL {
            assert_eq!(press(&mut resolver, mode, "y ctrl-c"), Press::Action(Action::Quit), "{name} {mode}");
        }
    }
}

#[test]
fn letters_typed_into_a_prompt_are_text() {
    let mut resolver = Resolver::new(Keymap::built_in().into());
    for letter in ('!'..='~').map(|c| c.to_string()) {
        assert_eq!(press(&mut resolver, Mode::Filter, &letter), Press::Nothing, "{letter}");
    }
    assert_eq!(press(&mut resolver, Mode::Filter, "enter"), Press::Action(Action::Accept));
    assert_eq!(press(&mut resolver, Mode::Filter, "esc"), Press::Action(Action::Back));
}

#[test]
fn hints_name_the_persons_own_keys() {
    let own =
        Text { name: "keys".into(), file: "keys.toml".into(), text: "[mode.global]\n\"/\" = \"none\"\n\"ctrl-f\" = \"filter\"\n".into() };
    let (keymap, _) = keys::load(&keys::shelf(), "default", Some(&own)).expect("shipped");
    let line =
        |keymap| keys::hints(keymap, Mode::Board).iter().map(|hint| format!("{} {}", hint.keys, hint.word)).collect::<Vec<_>>().join("  ");
    assert_eq!(line(&keymap), "enter open  ctrl-f filter  space mark  s sort  n namespace  : all actions  ? help");
    assert_eq!(line(&Keymap::built_in()), "enter open  / filter  space mark  s sort  n namespace  : all actions  ? help");
}

#[test]
fn of_several_keys_the_one_a_person_chose_is_named_then_the_first_written() {
    let keymap = Keymap::built_in();
    let named = |keymap: &Keymap, action, mode| keymap.shortest_chord(action, mode).map(ToString::to_string);
    assert_eq!(named(&keymap, Action::Back, Mode::Release).as_deref(), Some("esc"), "the file writes esc before q");
    assert_eq!(named(&keymap, Action::Quit, Mode::Board).as_deref(), Some("q"), "with nothing held");
    let own = Text { name: "keys".into(), file: "keys.toml".into(), text: "[mode.global]\n\"b\" = \"back\"\n".into() };
    let (keymap, _) = keys::load(&keys::shelf(), "default", Some(&own)).expect("shipped");
    assert_eq!(named(&keymap, Action::Back, Mode::Release).as_deref(), Some("b"));
    assert_eq!(named(&keymap, Action::Back, Mode::Filter).as_deref(), Some("esc"), "b is text there");
}

#[test]
fn trying_themes_comes_round_to_the_first() {
    let shelf = theme::shelf();
    let tried: Vec<&str> = (0..6)
        .scan("default", |name, _| {
            *name = shelf.after(name);
            Some(*name)
        })
        .collect();
    assert_eq!(tried, ["light", "high-contrast", "deuteranopia", "tritanopia", "mono", "default"]);
    assert_eq!(shelf.after("no such theme"), "default");
}

#[test]
fn every_action_is_named_well_and_can_be_found_in_help() {
    let keymap = Keymap::built_in();
    let mut names = BTreeMap::new();
    for action in Action::ALL {
        assert_eq!(Action::from_name(action.name()), Some(*action));
        assert_eq!(names.insert(action.name(), ()), None, "{action} twice");
        assert!(action.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{action}");
        assert!(action.about().starts_with(char::is_uppercase) && !action.about().ends_with('.'), "{action}");
        let mode = action.modes().last().expect("it lives somewhere");
        assert!(keys::help(&keymap, *mode).iter().any(|entry| entry.action == *action));
    }
}

#[test]
fn the_printed_keymap_names_each_binding_with_its_layer() {
    let (keymap, _) = keys::load(&keys::shelf(), "vim", None).expect("shipped");
    let text = keys::print(&keymap);
    let line = text.lines().find(|line| line.contains("g g")).expect("vim has g g");
    assert_eq!(line.split_whitespace().take(5).collect::<Vec<_>>(), ["board", "g", "g", "top", "vim"]);
    assert!(text.lines().any(|line| line.contains("all-namespaces") && line.contains("default")));
    assert!(text.contains("toggle-ascii"), "what has no key is listed too");
}

#[test]
fn without_colour_every_theme_is_mono() {
    for (name, _) in theme::SHIPPED {
        let (theme, _) = theme::load(&theme::shelf(), name, None, Depth::Mono).expect("shipped");
        for role in Role::ALL {
            assert_eq!((theme.style(*role).fg, theme.style(*role).bg), (None, None), "{name} {role}");
        }
        assert_eq!(theme.name(), "mono");
    }
}

#[test]
fn a_layer_that_speaks_in_colours_does_not_mute_mono() {
    let own =
        Text { name: "theme".into(), file: "theme.toml".into(), text: "[role]\ndanger = \"red\"\ntitle = { add = [\"italic\"] }\n".into() };
    let (theme, _) = theme::load(&theme::shelf(), "default", Some(&own), Depth::Mono).expect("shipped");
    assert!(theme.style(Role::Danger).add_modifier.contains(ratatui::style::Modifier::REVERSED));
    assert!(theme.style(Role::Title).add_modifier.contains(ratatui::style::Modifier::ITALIC));
}

#[test]
fn colours_step_down_to_what_the_terminal_has() {
    use ratatui::style::Color;
    let own = Text {
        name: "theme".into(),
        file: "theme.toml".into(),
        text: "[role]\ndanger = [\"#ff8700\", \"light-red\"]\nnotice = \"#ff0000\"\n".into(),
    };
    let at = |depth, role| theme::load(&theme::shelf(), "default", Some(&own), depth).expect("shipped").0.style(role).fg;
    assert_eq!(at(Depth::Rgb, Role::Danger), Some(Color::Rgb(0xff, 0x87, 0)));
    assert_eq!(at(Depth::Indexed, Role::Danger), Some(Color::Indexed(208)));
    assert_eq!(at(Depth::Sixteen, Role::Danger), Some(Color::LightRed), "the name given for it");
    assert_eq!(at(Depth::Sixteen, Role::Notice), Some(Color::LightRed), "the nearest, where none is given");
    assert_eq!(at(Depth::Mono, Role::Danger), None);
}

#[test]
fn no_shipped_theme_names_a_colour_by_light_without_a_name_for_sixteen() {
    for (name, _) in theme::SHIPPED {
        let (theme, _) = theme::load(&theme::shelf(), name, None, Depth::Sixteen).expect("shipped");
        for role in Role::ALL {
            let ink = theme.ink(*role);
            for shade in [ink.fg, ink.bg].into_iter().flatten() {
                assert!(theme::rgb(shade.full).is_none() || shade.basic.is_some(), "{name} {role}");
            }
        }
    }
}

#[test]
fn the_printed_themes_show_every_role_and_no_escape_unless_asked() {
    let theme = Theme::built_in(Depth::Sixteen);
    let plain = theme::print(&theme::shelf(), &theme, theme::Glyphs { ascii: true }, false);
    assert!(plain.is_ascii() && !plain.contains('\u{1b}'), "{plain}");
    assert!(plain.contains("* default") && plain.contains("  tritanopia"));
    for role in Role::ALL {
        assert!(plain.lines().any(|line| line.split_whitespace().any(|word| word == role.name())), "{role}");
    }
    let styled = theme::print(&theme::shelf(), &theme, theme::Glyphs { ascii: false }, true);
    assert!(styled.contains("\u{1b}[1;31m▲ danger"), "{styled}");
}

#[test]
fn the_default_theme_paints_no_background_and_only_the_sixteen() {
    let theme = Theme::built_in(Depth::Rgb);
    for role in Role::ALL {
        assert_eq!(theme.style(*role).bg, None, "{role}");
        assert!(theme.style(*role).fg.is_none_or(|fg| theme::rgb(fg).is_none()), "{role}");
        assert_eq!(theme.style(*role), Theme::built_in(Depth::Sixteen).style(*role));
    }
}

#[test]
fn the_folder_is_read_whole_and_what_is_wrong_in_it_is_said() {
    let home = tempfile::tempdir().expect("a folder");
    let put = |name: &str, text: &[u8]| {
        let path = home.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    put("config.toml", b"theme = \"dusk\"\nkeymap = \"vmi\"\n");
    put("keys.toml", b"[mode.board]\n\"x\" = \"mark\"\n");
    put("theme.toml", b"[role]\nnotice = \"red\"\n");
    put("themes/dusk.toml", b"inherits = \"light\"\n[palette]\nbad = \"#aa0000\"\n");
    put("themes/broken.toml", b"\xff\xfe");
    let files = files::read(home.path());
    let force = config::assemble(&files, Asked::default(), Depth::Rgb).expect("nothing was asked for");
    let said: Vec<String> =
        force.banners.iter().map(|mistake| mistake.to_string().replace(&home.path().display().to_string(), "")).collect();
    assert_eq!(
        said,
        [
            "/themes/broken.toml:1: the file is not UTF-8, so nothing in it is in force",
            "/config.toml:2: 'vmi' is no keymap; did you mean vim?",
        ]
    );
    assert_eq!(force.theme.name(), "dusk");
    assert_eq!(
        force.theme.style(Role::Danger).fg,
        Some(ratatui::style::Color::Rgb(0xaa, 0, 0)),
        "the palette reaches roles of the theme below"
    );
    assert_eq!(force.theme.style(Role::Notice).fg, Some(ratatui::style::Color::Red));
    assert_eq!(force.keymap.get(Mode::Board, &[Chord::parse("x").expect("a chord")]).map(|binding| binding.layer.as_str()), Some("keys"));
    assert_eq!(force.read_only, None);

    let refused = config::assemble(&files, Asked { theme: Some("drak"), keymap: None }, Depth::Rgb).expect_err("no such theme");
    assert!(refused.starts_with("'drak' is no theme"), "{refused}");

    put("config.toml", &[0xff]);
    let force = config::assemble(&files::read(home.path()), Asked::default(), Depth::Rgb).expect("nothing was asked for");
    assert!(force.read_only.is_some(), "policies that cannot be read are not no policies");
}

#[test]
fn nothing_there_is_the_defaults_without_a_word() {
    let home = tempfile::tempdir().expect("a folder");
    let force =
        config::assemble(&files::read(&home.path().join("missing")), Asked::default(), Depth::Sixteen).expect("nothing was asked for");
    assert_eq!((force.banners, force.read_only), (Vec::new(), None));
    assert_eq!(force.keymap, Keymap::built_in());
    assert_eq!(force.theme, Theme::built_in(Depth::Sixteen));
}

/// Text that looks enough like a settings file to get past the parser.
fn nearly_toml() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("mode".to_owned()),
        Just("board".to_owned()),
        Just("role".to_owned()),
        Just("palette".to_owned()),
        Just("policy".to_owned()),
        Just("freeze".to_owned()),
        Just("inherits".to_owned()),
        Just("\"test\"".to_owned()),
        Just("\"ctrl-x y\"".to_owned()),
        Just("text".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just("[[".to_owned()),
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("=".to_owned()),
        Just(".".to_owned()),
        Just("\n".to_owned()),
        Just("1979-05-27".to_owned()),
        Just("0xff".to_owned()),
        Just("'#12345é'".to_owned()),
        any::<String>(),
        any::<i64>().prop_map(|number| number.to_string()),
    ];
    proptest::collection::vec(word, 0..30).prop_map(|words| words.join(" "))
}

#[test]
fn nesting_without_end_is_refused_in_words() {
    const DEEP: usize = 50_000;
    let texts = [
        format!("a = {}", "[".repeat(DEEP)),
        format!("a = {}1{}", "[".repeat(DEEP), "]".repeat(DEEP)),
        format!("a = {}", "{a=".repeat(DEEP)),
        format!("{}a = 1", "a.".repeat(DEEP)),
        format!("[{}a]", "a.".repeat(DEEP)),
    ];
    for text in &texts {
        for kind in ["keymap", "theme", "config"] {
            assert!(!judge(kind, text).0.is_empty(), "{kind} {}", &text[..10]);
        }
    }
}

proptest! {
    #[test]
    fn whatever_a_file_holds_it_is_judged_in_words(text in prop_oneof![any::<String>(), nearly_toml()]) {
        for kind in ["keymap", "theme", "config"] {
            for mistake in judge(kind, &text).0 {
                prop_assert!(mistake.line >= 1 && mistake.line <= text.matches('\n').count() + 1);
                prop_assert!(!mistake.to_string().chars().any(char::is_control), "{mistake:?}");
            }
        }
    }

    #[test]
    fn any_text_as_a_chord_is_read_or_refused_and_prints_as_it_reads(text in prop_oneof![any::<String>(), "(ctrl-|alt-|shift-){0,3}([a-zA-Z0-9!-~é]|f[0-9]{1,3}|enter|esc|space|pgdn|up)( [a-z])?"]) {
        if let Ok(chords) = Chords::parse(&text) {
            prop_assert_eq!(Chords::parse(&chords.to_string()), Ok(chords));
        }
    }

    #[test]
    fn any_bytes_as_files_on_disk_leave_a_working_keymap(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let home = tempfile::tempdir().expect("a folder");
        for name in ["config.toml", "keys.toml", "theme.toml"] {
            std::fs::write(home.path().join(name), &bytes).expect("written");
        }
        let force = config::assemble(&files::read(home.path()), Asked::default(), Depth::Indexed).expect("nothing was asked for");
        for action in Action::REQUIRED {
            prop_assert!(force.keymap.shortest_chord(action, Mode::Board).is_some());
        }
    }
}

#[test]
fn the_policies_in_the_documentation_are_good() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SAFETY.md")).expect("readable");
    let sample = text.split("```toml").nth(1).and_then(|rest| rest.split("```").next()).expect("it shows one");
    assert_eq!(judge("config", sample), (Vec::new(), None));
}
