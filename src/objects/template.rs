//! Pod templates as far as a person compares them: labels and images.
//! Env values are not read here: they can hold secrets.

use serde::Deserialize;

use super::Labels;
use super::lenient::null_as_default;
use crate::text::Clean;

/// A container's name and image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Container {
    /// Name.
    pub name: Clean,
    /// Image reference.
    #[serde(deserialize_with = "null_as_default")]
    pub image: Clean,
}

/// A pod template.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct PodTemplate {
    /// Labels its pods get.
    pub metadata: TemplateMeta,
    /// What its pods run.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: TemplateSpec,
}

/// A template's metadata.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct TemplateMeta {
    /// Labels.
    #[serde(deserialize_with = "null_as_default")]
    pub labels: Labels,
}

/// A template's pod spec.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct TemplateSpec {
    /// Containers, init containers left out.
    #[serde(deserialize_with = "null_as_default")]
    pub containers: Vec<Container>,
    /// Init containers.
    #[serde(rename = "initContainers", deserialize_with = "null_as_default")]
    pub init_containers: Vec<Container>,
}

impl PodTemplate {
    /// The images its containers run, in order.
    pub fn images(&self) -> Vec<Clean> {
        self.spec.containers.iter().map(|c| c.image.clone()).collect()
    }

    /// The labels its pods get.
    pub fn labels(&self) -> &Labels {
        &self.metadata.labels
    }
}
