//! Two hundred Deployments on a stage, with the pods of one of them.

use flightdeck::objects::{Kind, Object};

use crate::stage::Stage;
use crate::support::{PODS_EACH, pod, workload};

/// The stage, connected, on its board.
pub fn fleet(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new("default", size);
    let decode = |kind, value: &serde_json::Value| Object::decode(kind, &serde_json::to_vec(value).unwrap()).unwrap();
    for number in 0..200 {
        let [deployment, set] = workload(number, PODS_EACH);
        stage.apply(decode(Kind::Deployment, &deployment));
        stage.apply(decode(Kind::ReplicaSet, &set));
    }
    for index in 0..PODS_EACH {
        stage.apply(decode(Kind::Pod, &pod(0, index)));
    }
    stage.connect();
    stage
}
