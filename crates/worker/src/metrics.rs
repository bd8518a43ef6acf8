//! What Prometheus is told of jobs.

use std::sync::LazyLock;

use domain::Stage;
use prometheus::{HistogramVec, IntCounter, IntCounterVec, IntGaugeVec};
use store::Ending;

pub(crate) static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::register);

pub(crate) struct Metrics {
    pub(crate) jobs: IntCounterVec,
    pub(crate) seconds: HistogramVec,
    pub(crate) running: IntGaugeVec,
    pub(crate) handover: HistogramVec,
    pub(crate) late: IntCounter,
    pub(crate) lost: IntCounter,
}

impl Metrics {
    #[expect(
        clippy::expect_used,
        reason = "a name that is taken or no name is a mistake every test of the runner finds"
    )]
    fn register() -> Self {
        let jobs = prometheus::register_int_counter_vec!(
            "assay_jobs_total",
            "Attempts at jobs by how they ended.",
            &["stage", "uses", "outcome"]
        );
        let seconds = prometheus::register_histogram_vec!(
            "assay_job_seconds",
            "How long an attempt took, from claim to outcome.",
            &["stage"],
            vec![0.005, 0.02, 0.1, 0.5, 1.0, 5.0, 20.0, 60.0, 300.0]
        );
        let running = prometheus::register_int_gauge_vec!(
            "assay_jobs_running",
            "Jobs that this process holds.",
            &["stage"]
        );
        let handover = prometheus::register_histogram_vec!(
            "assay_handover_seconds",
            "From the moment a job was due until it was claimed.",
            &["stage"],
            vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 10.0, 60.0]
        );
        let late = prometheus::register_int_counter!(
            "assay_late_writes_refused_total",
            "Outcomes that the store refused because another attempt had taken over."
        );
        let lost = prometheus::register_int_counter!(
            "assay_leases_lost_total",
            "Jobs stopped here because their lease was no longer ours."
        );
        Self {
            jobs: jobs.expect("a metric"),
            seconds: seconds.expect("a metric"),
            running: running.expect("a metric"),
            handover: handover.expect("a metric"),
            late: late.expect("a metric"),
            lost: lost.expect("a metric"),
        }
    }
}

/// Counts a job as running until it is dropped.
pub(crate) struct Running(Stage);

impl Running {
    pub(crate) fn at(stage: Stage) -> Self {
        METRICS.running.with_label_values(&[stage.as_str()]).inc();
        Self(stage)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        METRICS.running.with_label_values(&[self.0.as_str()]).dec();
    }
}

pub(crate) const fn outcome(ending: &Ending) -> &'static str {
    match ending {
        Ending::Done { .. } => "done",
        Ending::Yield { .. } => "yield",
        Ending::Retry { .. } => "retry",
        Ending::Blocked { .. } => "blocked",
        Ending::Failed { .. } => "failed",
        Ending::Released => "released",
    }
}
