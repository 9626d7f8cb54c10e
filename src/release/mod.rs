//! The domain: one release as every engine tells it, in the field's own words.
//! Never names a cluster client, a screen or a clock: times are moments in the cluster's time, and "now" is handed in.

pub mod acting;
mod exposure;
pub mod figures;
mod gate;
mod model;
pub mod telemetry;
mod version;
pub mod words;

pub use exposure::{Exposure, Label, Peak, Share, Spread};
pub use gate::{Abort, Alarm, Analysis, AnalysisRole, Countdown, CountdownKind, Experiment, ExperimentArm, Measured};
pub use model::{
    Engine, Happening, HappeningKind, Limits, Phase, Position, Release, Replicas, Step, StepKind, StepState, Strategy, Weight,
};
pub use version::{PodMix, PodState, PodView, Role, Trouble, Version};

pub use crate::objects::{ReleaseRef, Time, Uid};
