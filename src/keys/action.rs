//! The closed table of everything a key can do: name, hint word, sentence, and the modes it lives in.
//! Refuses to do any of it: this is the vocabulary, the application gives it meaning.

use super::mode::Mode;

const ALL: &[Mode] = &Mode::ALL;
const SCREENS: &[Mode] =
    &[Mode::Global, Mode::Board, Mode::Release, Mode::Pods, Mode::Why, Mode::Revisions, Mode::Plan, Mode::Journal, Mode::Help];
const PROMPTS: &[Mode] = &[Mode::Palette, Mode::Filter, Mode::Choose];
const CONFIRMING: &[Mode] = &[Mode::Plan, Mode::Confirm];
const ACTING: &[Mode] = &[Mode::Board, Mode::Release, Mode::Pods, Mode::Why, Mode::Revisions];
const OPENED: &[Mode] = &[Mode::Global, Mode::Board, Mode::Release, Mode::Pods];
const LISTS: &[Mode] = &[Mode::Board, Mode::Pods];
const FILTERED: &[Mode] = &[Mode::Board, Mode::Pods, Mode::Journal, Mode::Help];
const SUBJECT: &[Mode] = &[Mode::Board, Mode::Release, Mode::Pods, Mode::Why, Mode::Revisions];

/// Writes the enum and its table from one list, so that neither can hold what the other lacks.
macro_rules! actions {
    ($($variant:ident $name:literal $word:literal $modes:expr, $about:literal;)+) => {
        /// Something a key can do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $(#[doc = $about] $variant,)+
        }

        impl Action {
            /// Every action, in the order help and the palette list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable name, as keymap files and `flightdeck keys` write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// One or two words for the key line at the bottom of a screen.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// One line that says what it does.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)+ }
            }

            /// The modes in which it means something. `Global` among them says it can be bound there for all the others.
            #[must_use]
            pub const fn modes(self) -> &'static [Mode] {
                match self { $(Self::$variant => $modes,)+ }
            }
        }
    };
}

actions! {
    Open "open" "open" OPENED, "Open what is selected";
    Accept "accept" "take it" PROMPTS, "Take what is typed or chosen";
    Back "back" "back" ALL, "Back one level; on the board, drop the filter and the marks";
    Quit "quit" "quit" ALL, "Leave flightdeck; the last frame stays in the scrollback";
    Help "help" "help" ALL, "Show the keys of this screen";
    Palette "palette" "all actions" SCREENS, "Find and run any action by name";

    Up "up" "up" ALL, "Up one row";
    Down "down" "down" ALL, "Down one row";
    Left "left" "left" SCREENS, "Left, or to the panel on the left";
    Right "right" "right" SCREENS, "Right, or to the panel on the right";
    HalfPageUp "half-page-up" "half page up" SCREENS, "Up half a page";
    HalfPageDown "half-page-down" "half page down" SCREENS, "Down half a page";
    PageUp "page-up" "page up" ALL, "Up one page";
    PageDown "page-down" "page down" ALL, "Down one page";
    Top "top" "top" ALL, "To the first row";
    Bottom "bottom" "bottom" ALL, "To the last row";
    NextPane "next-pane" "next panel" SCREENS, "To the next panel or group";
    PreviousPane "previous-pane" "panel before" SCREENS, "To the panel or group before";

    Filter "filter" "filter" FILTERED, "Show only the rows that match what is typed";
    ClearFilter "clear-filter" "clear filter" FILTERED, "Show all rows again";
    Sort "sort" "sort" LISTS, "Sort by the next column";
    ReverseSort "reverse-sort" "reverse" LISTS, "Turn the order of the rows around";
    Mark "mark" "mark" LISTS, "Mark the selected row, or take its mark away";
    CollapseGroup "collapse-group" "fold" &[Mode::Board], "Fold the group the selection is in, or unfold it";
    Namespace "namespace" "namespace" &[Mode::Board], "Choose the namespace to look at";
    AllNamespaces "all-namespaces" "all namespaces" &[Mode::Board], "Look at all namespaces";

    ShowRelease "release" "release" &[Mode::Pods, Mode::Why, Mode::Revisions, Mode::Journal], "Show the cockpit of this release";
    ShowPods "pods" "pods" SUBJECT, "Show the pods of this release";
    Why "why" "why" SUBJECT, "Show what the verdict and the state rest on";
    ExpandPanel "expand-panel" "all of it" &[Mode::Board, Mode::Release, Mode::Pods], "Give the panel the whole screen, with what was left out for lack of room";

    ShowRevisions "revisions" "revisions" SUBJECT, "Show the revisions of this release, how each ended, and pick one to go back to";
    ShowJournal "journal" "journal" SCREENS, "Show what was done, by whom, and what came of it";

    Abort "abort" "abort" ACTING, "Plan: take traffic off the new version";
    Pause "pause" "pause" ACTING, "Plan: stop where it is";
    Advance "advance" "go on" ACTING, "Plan: the next step, exactly one";
    RollBack "rollback" "roll back" ACTING, "Plan: back to the last revision that was healthy, or to the one selected";
    RollBackNow "rollback-now" "roll back now" ACTING, "Plan: back at once, without steps: template back, then all the way";
    PromoteFull "promote-full" "promote fully" ACTING, "Plan: all the way in one move";
    Resume "resume" "resume" ACTING, "Plan: end a pause and nothing else";
    Skip "skip" "skip" ACTING, "Plan: leave the current step or gate before it is done";
    Retry "retry" "retry" ACTING, "Plan: start the same revision again after an abort";
    Restart "restart" "restart" ACTING, "Plan: replace the pods, same revision";
    SwitchOver "switch" "switch" ACTING, "Plan: blue-green cut-over to the preview";
    SetImage "set-image" "set image" ACTING, "Plan: another image for a container";
    Terminate "terminate" "end analysis" ACTING, "Plan: end a running analysis early";
    Note "note" "note" ACTING, "Write a dated note into the journal";
    Guard "guard" "guard" ACTING, "Arm a guard on this release: it pauses, aborts or rolls back when what you name comes true";
    Disarm "disarm" "disarm" SCREENS, "Disarm the guard, and stop its countdown";
    Wake "wake" "wake it" ACTING, "Plan: wake a controller that has not reacted to what was sent; nothing is asked twice";
    Confirm "confirm" "do it" CONFIRMING, "Send the plan on screen";
    Replan "replan" "plan again" CONFIRMING, "Plan again what is on screen, against the newest state";

    Freeze "freeze" "freeze" SCREENS, "Hold the picture still to read it; the cluster is still watched";
    Redact "redact" "redact" SCREENS, "Hide names of clusters, namespaces and images, for a shared screen";
    CopyName "copy-name" "name" SUBJECT, "Send the name of what is selected to the terminal's clipboard";
    CopyValue "copy-value" "value" SUBJECT, "Send the selected value to the terminal's clipboard";
    CopyKubectl "copy-kubectl" "kubectl" SUBJECT, "Send the equivalent kubectl command to the terminal's clipboard";
    CopySummary "copy-summary" "summary" SUBJECT, "Send a paragraph that sums up the release to the terminal's clipboard";

    ThemeNext "theme-next" "next theme" SCREENS, "Try the next theme until flightdeck is left";
    ToggleAscii "toggle-ascii" "ascii" SCREENS, "Draw with ASCII only, or with all glyphs again";
    Redraw "redraw" "redraw" ALL, "Draw the whole screen again";
    Suspend "suspend" "suspend" ALL, "Hand the terminal back to the shell until fg";
}

impl Action {
    /// The actions every keymap must leave a key for: nobody may be locked in, or left without the list of keys.
    pub const REQUIRED: [Self; 3] = [Self::Quit, Self::Back, Self::Help];

    /// The action of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }

    /// Whether it means something in this mode.
    #[must_use]
    pub fn lives_in(self, mode: Mode) -> bool {
        self.modes().contains(&mode)
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
