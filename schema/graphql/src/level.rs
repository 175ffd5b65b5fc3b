//! Levels: what was loaded together is asked for together.
//!
//! The objects of a list share a level. The first of them that is asked for something loads it for all; the others wait for that
//! one statement. Nothing waits for a timer, so a page costs one statement per field and level, always.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::Error;
use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::OnceCell;

type Cell<V> = Arc<OnceCell<Result<Arc<V>, Error>>>;

/// What a level has loaded, by what it was asked for: the same field with other arguments is another statement.
pub(crate) struct Loaded<K, V>(Mutex<HashMap<K, Cell<V>>>);

impl<K, V> Default for Loaded<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> Loaded<K, V> {
    /// What was loaded for `key`, or is now. A failure is everybody's, so that it is not tried (and logged) once for each. Whatever asks
    /// for something that is there already should be small, so what loads is made only where it is needed.
    pub(crate) async fn get<'l>(
        &self,
        key: K,
        load: impl FnOnce() -> BoxFuture<'l, Result<V, Error>> + Send,
    ) -> Result<Arc<V>, Error> {
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key).or_default())
        };
        if let Some(loaded) = cell.get() {
            return loaded.clone();
        }
        cell.get_or_init(|| load().map(|loaded| loaded.map(Arc::new))).await.clone()
    }
}
