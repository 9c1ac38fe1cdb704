//! Runs nodes of a dependency graph as futures on the calling thread.

use futures::future::LocalBoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};

/// Whether a node ended so that those which depend on it may run.
pub(crate) type Ok = bool;

/// Runs every node after all its dependencies. `deps[i]` lists what node `i` needs.
/// A node that needs a failed or skipped node is skipped; others go on. Nodes that
/// become ready together start in order of their index. Returns the nodes left
/// over by a cycle, if there is one.
pub(crate) async fn run<'a>(
    deps: &[Vec<u32>],
    start: &dyn Fn(usize) -> LocalBoxFuture<'a, Ok>,
) -> Vec<usize> {
    let n = deps.len();
    let mut waiting: Vec<u32> = deps.iter().map(|d| d.len() as u32).collect();
    let mut dependents: Vec<Vec<u32>> = vec![Vec::new(); n];
    for (i, d) in deps.iter().enumerate() {
        for &x in d {
            dependents[x as usize].push(i as u32);
        }
    }
    let mut skip = vec![false; n];
    let mut finished = vec![false; n];
    let mut running = FuturesUnordered::new();
    let launch = |i: usize| -> LocalBoxFuture<'a, (usize, Ok)> {
        let f = start(i);
        Box::pin(async move { (i, f.await) })
    };
    let mut ready: Vec<usize> = (0..n).rev().filter(|&i| waiting[i] == 0).collect();
    loop {
        // Skipped nodes finish at once and may make others ready (to be skipped).
        while let Some(i) = ready.pop() {
            if !skip[i] {
                running.push(launch(i));
                continue;
            }
            finished[i] = true;
            for &d in &dependents[i] {
                let d = d as usize;
                skip[d] = true;
                waiting[d] -= 1;
                if waiting[d] == 0 {
                    ready.push(d);
                }
            }
        }
        let Some((i, ok)) = running.next().await else { break };
        finished[i] = true;
        for &d in &dependents[i] {
            let d = d as usize;
            skip[d] |= !ok;
            waiting[d] -= 1;
            if waiting[d] == 0 {
                ready.push(d);
            }
        }
        ready.sort_unstable_by(|a, b| b.cmp(a));
    }
    (0..n).filter(|&i| !finished[i]).collect()
}

/// As [`run`], while `beside`, which never ends, goes on.
pub(crate) async fn run_beside<'a>(
    deps: &[Vec<u32>],
    start: &dyn Fn(usize) -> LocalBoxFuture<'a, Ok>,
    beside: impl Future<Output = ()>,
) -> Vec<usize> {
    let (run, beside) = (std::pin::pin!(run(deps, start)), std::pin::pin!(beside));
    match futures::future::select(run, beside).await {
        futures::future::Either::Left((left, _)) => left,
        futures::future::Either::Right(((), run)) => run.await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn order(deps: &[Vec<u32>], fail: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let log = RefCell::new(Vec::new());
        let rest = futures::executor::block_on(run(deps, &|i| {
            log.borrow_mut().push(i);
            let ok = !fail.contains(&i);
            Box::pin(async move { ok })
        }));
        (log.into_inner(), rest)
    }

    #[test]
    fn dependencies_first_and_failures_stop_dependents_only() {
        let deps = vec![vec![1], vec![2], vec![], vec![]];
        assert_eq!(order(&deps, &[]).0.iter().position(|&x| x == 0), Some(3));
        let (ran, rest) = order(&deps, &[2]);
        assert_eq!((ran, rest), (vec![2, 3], vec![]));
    }

    #[test]
    fn a_cycle_is_returned() {
        let (ran, rest) = order(&[vec![1], vec![0], vec![]], &[]);
        assert_eq!((ran, rest), (vec![2], vec![0, 1]));
    }
}
