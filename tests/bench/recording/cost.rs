//! What Linux says of processes: their time of the processors, and the memory that is their own.

use std::time::{Duration, Instant};

use anyhow::Result;
use procfs::process::Process;

/// What a while cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Time of one processor, in percent of the time that went by.
    pub(crate) percent: f64,
    /// Memory that belongs to the processes at the end: each page in full, or its share where others have it too.
    pub(crate) bytes: u64,
}

/// What this process, with mediasoup's worker in it, and `others` use from now on, for as long as `time`.
///
/// # Errors
/// When one of the processes is gone.
pub(crate) async fn over(time: Duration, others: &[u32]) -> Result<Cost> {
    of(time, &[&[std::process::id()], others].concat()).await
}

/// What these processes use from now on, for as long as `time`.
///
/// # Errors
/// When one of the processes is gone.
pub(crate) async fn of(time: Duration, ids: &[u32]) -> Result<Cost> {
    let mut processes = Vec::new();
    for id in ids {
        processes.push(Process::new(i32::try_from(*id)?)?);
    }
    let begun = Instant::now();
    let before = processor_seconds(&processes)?;
    tokio::time::sleep(time).await;
    let used = processor_seconds(&processes)? - before;
    Ok(Cost {
        percent: 100.0 * used / begun.elapsed().as_secs_f64(),
        bytes: own_memory(&processes)?,
    })
}

/// The processes that this one has started and that were told `word`.
///
/// # Errors
/// When the system does not list its processes.
pub(crate) fn started_with(word: &str) -> Result<Vec<u32>> {
    let own = i32::try_from(std::process::id())?;
    let is_it = |process: &Process| {
        let is_own = process.stat().is_ok_and(|stat| stat.ppid == own);
        is_own
            && process
                .cmdline()
                .is_ok_and(|words| words.iter().any(|said| said == word))
    };
    let found = procfs::process::all_processes()?.flatten().filter(is_it);
    found.map(|process| Ok(u32::try_from(process.pid)?)).collect()
}

fn processor_seconds(processes: &[Process]) -> Result<f64> {
    let mut ticks = 0;
    for process in processes {
        let stat = process.stat()?;
        ticks += stat.utime + stat.stime;
    }
    Ok(ticks as f64 / procfs::ticks_per_second() as f64)
}

fn own_memory(processes: &[Process]) -> Result<u64> {
    let mut bytes = 0;
    for process in processes {
        let rollup = process.smaps_rollup()?;
        let extension = rollup.memory_map_rollup.iter().map(|map| &map.extension);
        bytes += extension.filter_map(|found| found.map.get("Pss")).sum::<u64>();
    }
    Ok(bytes)
}
