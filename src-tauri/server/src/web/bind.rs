//! Opens the port, for IPv4 and IPv6 at once, and says in a sentence why it cannot be opened.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, Socket, Type};
use thiserror::Error;

/// Connections that the system keeps waiting while the server is busy.
const BACKLOG: i32 = 1024;

/// Why the port cannot be opened.
#[derive(Debug, Error)]
pub enum BindError {
    /// Another program has it.
    #[error(
        "Port {port} is in use by another program, perhaps another Confab: close that, or choose another port with --port or the setting PORT."
    )]
    Taken {
        /// The port.
        port: u16,
    },
    /// The system keeps it for others.
    #[error(
        "The system does not let Confab use port {port}: choose another one, above 1023, with --port or the setting PORT."
    )]
    Denied {
        /// The port.
        port: u16,
    },
    /// Anything else.
    #[error("Confab cannot open port {port} ({source}): choose another one with --port or the setting PORT.")]
    Other {
        /// The port.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
}

/// Opens `port` on all addresses of this computer; 0 lets the system choose one. Where there is no IPv6, on IPv4 alone.
///
/// # Errors
/// When another program has the port or the system refuses it.
pub fn bind(port: u16) -> Result<TcpListener, BindError> {
    let both = listen(Domain::IPV6, SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)));
    both.or_else(|error| match error.kind() {
        io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied => Err(error),
        _ => listen(Domain::IPV4, SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))),
    })
    .map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => BindError::Taken { port },
        io::ErrorKind::PermissionDenied => BindError::Denied { port },
        _ => BindError::Other { port, source },
    })
}

fn listen(domain: Domain, address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    if domain == Domain::IPV6 {
        socket.set_only_v6(false)?;
    }
    // A restart must not wait for the old run's closed connections. On Windows this option means something else: it
    // lets two programs have one port.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv6Addr, TcpStream};

    use super::*;

    #[test]
    fn it_listens_on_every_address() {
        let listener = bind(0).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("IPv4");
        if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
            TcpStream::connect((Ipv6Addr::LOCALHOST, port)).expect("IPv6");
        }
    }

    #[test]
    fn a_taken_port_is_named_with_what_to_do() {
        for address in ["0.0.0.0:0", "127.0.0.1:0"] {
            let other = TcpListener::bind(address).expect("a free port");
            let port = other.local_addr().expect("an address").port();
            let sentence = bind(port).expect_err("it is taken").to_string();
            assert!(
                sentence.contains(&format!("Port {port} is in use")) && sentence.contains("--port"),
                "{sentence}"
            );
        }
        let ours = bind(0).expect("a free port");
        let port = ours.local_addr().expect("an address").port();
        assert!(matches!(bind(port), Err(BindError::Taken { .. })));
    }
}
