//! The processor time of the media workers. They are threads of this process, so the system counts them one by one.

/// What the names of the workers' threads begin with; Linux keeps 15 characters of a name.
#[cfg(target_os = "linux")]
const WORKER_THREAD: &str = "mediasoup-worke";

/// Each worker's processor time so far in seconds, in the order in which they were started.
#[cfg(target_os = "linux")]
pub(super) fn worker_cpu_seconds() -> Vec<f64> {
    let Ok(tasks) = procfs::process::Process::myself().and_then(|process| process.tasks()) else {
        return Vec::new();
    };
    let ticks_per_second = procfs::ticks_per_second() as f64;
    let mut workers: Vec<_> = tasks
        .flatten()
        .filter_map(|task| task.stat().ok())
        .filter(|stat| stat.comm == WORKER_THREAD)
        .collect();
    workers.sort_by_key(|stat| stat.pid);
    workers
        .iter()
        .map(|stat| (stat.utime + stat.stime) as f64 / ticks_per_second)
        .collect()
}

/// Elsewhere nothing is told.
#[cfg(not(target_os = "linux"))]
pub(super) fn worker_cpu_seconds() -> Vec<f64> {
    Vec::new()
}
