//! Where a hub may be, as the local network says.

use std::pin::Pin as Pinned;
use std::time::Duration;

use rappel_hub::discovery;
pub use rappel_hub::discovery::{Discovery, FoundOffice};
use uuid::Uuid;

use crate::LinkError;

/// How long answers are listened for.
const FINDS_WITHIN: Duration = Duration::from_secs(3);

/// Begins to look for offices. Must be called within a tokio runtime.
///
/// # Errors
/// [`LinkError::Unreachable`] when this machine has no network to look in.
pub fn discover() -> Result<Discovery, LinkError> {
    discovery::discover().map_err(|error| LinkError::Unreachable(error.to_string()))
}

/// Where a hub may be.
pub(crate) trait Finder: Send + Sync + 'static {
    /// Addresses at which something says it is this hub: hints.
    fn find(&self, hub: Uuid) -> Pinned<Box<dyn Future<Output = Vec<String>> + Send + '_>>;
}

/// Looks on the local network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnTheNetwork;

impl Finder for OnTheNetwork {
    fn find(&self, hub: Uuid) -> Pinned<Box<dyn Future<Output = Vec<String>> + Send + '_>> {
        // To its end: whoever answers first may be lying.
        Box::pin(discovery::addresses_of(hub, FINDS_WITHIN))
    }
}
