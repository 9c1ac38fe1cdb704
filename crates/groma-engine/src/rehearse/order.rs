//! Which steps are over before which.

use std::sync::Arc;

/// For each node of the apply graph the steps that are over before it begins: those of all nodes
/// that it waits for. `at`: the node of each step.
pub(super) fn over_before(deps: &[Vec<u32>], at: &[usize]) -> Vec<Arc<[u32]>> {
    let mut own: Vec<Vec<u32>> = vec![Vec::new(); deps.len()];
    for (step, node) in at.iter().enumerate() {
        own[*node].push(step as u32);
    }
    let mut waiting: Vec<usize> = deps.iter().map(Vec::len).collect();
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); deps.len()];
    for (n, d) in deps.iter().enumerate() {
        d.iter().for_each(|x| dependents[*x as usize].push(n));
    }
    let words = at.len().div_ceil(64);
    let mut before: Vec<Vec<u64>> = vec![vec![0; words]; deps.len()];
    let mut ready: Vec<usize> = (0..deps.len()).filter(|n| waiting[*n] == 0).collect();
    while let Some(n) = ready.pop() {
        let mut over = before[n].clone();
        own[n].iter().for_each(|s| over[*s as usize / 64] |= 1 << (s % 64));
        for &d in &dependents[n] {
            before[d].iter_mut().zip(&over).for_each(|(a, b)| *a |= b);
            waiting[d] -= 1;
            if waiting[d] == 0 {
                ready.push(d);
            }
        }
    }
    let listed = |n: usize| match own[n].is_empty() {
        true => [].into(),
        false => (0..at.len() as u32).filter(|s| before[n][*s as usize / 64] >> (s % 64) & 1 == 1).collect(),
    };
    (0..deps.len()).map(listed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nodes_wait_for_is_over_directly_or_not() {
        // 0 <- 1 <- 2, and 3 alone; steps at 0, 2, 2 and 3.
        let deps = [vec![], vec![0], vec![1], vec![]];
        let before = over_before(&deps, &[0, 2, 3, 2]);
        let before: Vec<Vec<u32>> = before.iter().map(|b| b.to_vec()).collect();
        assert_eq!(before, [vec![], vec![], vec![0], vec![]]);
        assert!(over_before(&deps, &[]).iter().all(|b| b.is_empty()));
    }
}
