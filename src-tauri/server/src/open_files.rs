//! How many files the process may have open: every connection is one, and systems begin with a limit that a few hundred
//! guests reach.

/// As many as anybody needs here. Some systems name a limit beyond what they really grant.
#[cfg(unix)]
const ENOUGH: nix::sys::resource::rlim_t = 65_536;

/// Raises the process's own limit as far as the system lets it. Where it does not, fewer guests can be in at once, and
/// the port says so when it comes to that.
#[cfg(unix)]
pub(crate) fn raise_limit() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(limit, most)| {
        let wanted = most.min(ENOUGH);
        if wanted > limit {
            setrlimit(Resource::RLIMIT_NOFILE, wanted, most)?;
        }
        Ok(())
    });
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
}

/// Other systems have no such limit.
#[cfg(not(unix))]
pub(crate) fn raise_limit() {}
