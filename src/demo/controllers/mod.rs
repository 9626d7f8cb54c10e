//! The control loops of the embedded cluster: what kube-controller-manager, the scheduler and the kubelets do in a real one.
//! No loop here paints a state: each only answers to objects, writes and time.

pub mod argo;
pub mod behaviour;
pub mod deployment;
pub mod endpoints;
pub mod flagger;
pub mod gc;
pub mod hash;
pub mod kubelet;
pub mod managed;
pub mod meta;
pub mod replicaset;
pub mod scheduler;

use behaviour::Table;

use super::sim::Controller;

/// The loops every cluster has. `table` says what containers do when they run.
pub fn base(table: Table) -> Vec<Box<dyn Controller>> {
    vec![
        Box::new(deployment::Deployments),
        Box::new(replicaset::ReplicaSets),
        Box::new(scheduler::Scheduler::new(table.clone())),
        Box::new(kubelet::Kubelet::new(table)),
        Box::new(endpoints::EndpointSlices),
        Box::new(gc::GarbageCollector),
        Box::new(gc::EventExpiry),
    ]
}
