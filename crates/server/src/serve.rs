//! The life of a server: open the house, start the couriers, serve, and end in order.

use std::net::SocketAddr;
use std::sync::Arc;

use channels::sandbox::Mailbox;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::bounces;
use crate::campaigns;
use crate::courier::{self, Hands};
use crate::house::{self, House};
use crate::http::{self, App};
use crate::settings::{BadSettings, Settings};

/// Why a server cannot start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A setting.
    #[error(transparent)]
    Settings(#[from] BadSettings),
    /// The house.
    #[error(transparent)]
    House(#[from] house::Fault),
    /// The control plane.
    #[error("control plane")]
    Store(#[from] store::Error),
    /// A campaign that was running.
    #[error("a running campaign cannot be restored")]
    Campaign(#[from] campaigns::Refused),
    /// The address.
    #[error("cannot listen; is another server running there? address=`{address}`")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The listener.
    #[error("the listener failed")]
    Serve(#[source] std::io::Error),
}

/// Serves until `stop` resolves; `ready` is called with the address once requests are answered.
///
/// # Errors
/// [`Fault`] says what is in the way and what to do.
pub async fn serve(
    settings: Settings,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Fault> {
    settings.check()?;
    let (address, returned_mail) = (settings.listen, settings.bounces);
    // The address comes first: a second server on the same folder is found out before anything is opened.
    let listen = |source| Fault::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let mailbox = Arc::new(Mailbox::default());
    let (house, mut running) = House::open(settings, Arc::clone(&mailbox)).await?;
    let mut couriers = JoinSet::new();
    for (workspace, jobs) in running.jobs.drain(..) {
        let restored = campaigns::restore(&house.store, &workspace).await?;
        tracing::info!(workspace = %workspace.name, restored, "campaigns that were running go on");
        let hands = Hands {
            mailbox: Arc::clone(&mailbox),
            clock: Arc::clone(&house.clock),
            entropy: Arc::clone(&house.entropy),
        };
        couriers.spawn(courier::run(workspace, jobs, hands));
    }
    if let Some(address) = returned_mail {
        let listener =
            TcpListener::bind(address).await.map_err(|source| Fault::Listen { address, source })?;
        couriers.spawn(bounces::serve(house.workspaces().cloned().collect(), listener));
    }
    let app = App::open(Arc::clone(&house)).await?;
    couriers.spawn(http::refusals_keep(Arc::clone(&app)));
    ready(address);
    let served = http::serve(listener, &app, stop).await.map_err(Fault::Serve);
    // Engines end first: their last records go into the journal; couriers end when no more jobs can come.
    tokio::task::spawn_blocking(move || running.stop()).await.expect("ending does not panic")?;
    couriers.abort_all();
    app.close().await;
    house.store.close().await;
    served
}
