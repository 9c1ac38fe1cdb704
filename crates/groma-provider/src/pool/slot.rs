//! A place for one process, which is started at most once.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::{Entry, Inner, ProviderSource, get_schema};
use crate::api::Schemas;
use crate::error::{ProviderError, ProviderFailure};
use crate::process::PluginProcess;

#[derive(Default)]
pub(super) struct Slot {
    process: OnceCell<Arc<PluginProcess>>,
    /// Set once the process was asked for its schema, or need not be.
    primed: OnceCell<()>,
}

impl Slot {
    /// The process, started if it is not yet, but possibly not ready for calls.
    pub(super) async fn started(
        &self,
        inner: &Inner,
        entry: &Entry,
    ) -> Result<Arc<PluginProcess>, ProviderError> {
        let start = || async {
            let provider = entry.provider.to_string();
            let process = match &entry.source {
                ProviderSource::Binary(binary) => {
                    inner.make_room().await;
                    PluginProcess::start(&provider, binary, &inner.settings.launch).await?
                }
                ProviderSource::Attached(reattach) => PluginProcess::attach(&provider, reattach).await?,
                ProviderSource::Native(_) => {
                    let why = "it is part of this program and has no process".to_owned();
                    return Err(ProviderError::new(provider, "start", ProviderFailure::Start(why)));
                }
            };
            Ok(Arc::new(process))
        };
        self.process.get_or_try_init(start).await.cloned()
    }

    /// The process, ready for calls.
    pub(super) async fn process(
        &self,
        inner: &Inner,
        entry: &Entry,
    ) -> Result<Arc<PluginProcess>, ProviderError> {
        let process = self.started(inner, entry).await?;
        // While the schemas are not known, the one who asks for them primes the process.
        if let Some(known) = entry.known.get() {
            let prime = || async {
                // Providers made of several servers learn who serves what when asked for the schema.
                if !known.schemas.capabilities().schema_optional {
                    get_schema(&process).await?;
                }
                Ok(())
            };
            self.primed.get_or_try_init(prime).await?;
        }
        Ok(process)
    }

    /// As [`Slot::process`], on the runtime: the start goes on whether or not whoever
    /// asked first is polled, so that nobody who blocks a thread while waiting (for a
    /// function's answer) waits for itself.
    pub(super) async fn ready(
        slot: Arc<Slot>,
        inner: &Arc<Inner>,
        entry: &Arc<Entry>,
    ) -> Result<Arc<PluginProcess>, ProviderError> {
        if slot.primed.initialized()
            && let Some(process) = slot.process.get()
        {
            return Ok(process.clone());
        }
        let (inner, entry) = (Arc::clone(inner), Arc::clone(entry));
        let provider = entry.provider.to_string();
        let start = tokio::spawn(async move { slot.process(&inner, &entry).await });
        start.await.unwrap_or_else(|error| {
            Err(ProviderError::new(provider, "start", ProviderFailure::Start(error.to_string())))
        })
    }

    /// Notes that the process was asked for its schema.
    pub(super) fn mark_primed(&self) {
        let _ = self.primed.set(());
    }

    /// The process, if it runs.
    pub(super) fn running(&self) -> Option<Arc<PluginProcess>> {
        self.process.get().filter(|process| !process.has_exited()).cloned()
    }

    /// Whether the process ran and has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.process.get().is_some_and(|process| process.has_exited())
    }
}
