//! The order of vertical lanes in the space between two columns: few crossings, and
//! no two lines on top of each other.

/// What one net connects in such a space: heights at its left side, at its right.
#[derive(Clone, Debug, Default)]
pub(super) struct Span {
    pub left: Vec<i32>,
    pub right: Vec<i32>,
}

/// Lines closer than this look like one.
const CLOSE: i32 = 4;
/// What two lines on top of each other cost, in crossings.
const OVERLAP: i32 = 1000;
/// The distance between two trunks in one lane.
const APART: i32 = 8;

impl Span {
    fn extent(&self) -> (i32, i32) {
        let all = || self.left.iter().chain(&self.right).copied();
        (all().min().unwrap_or(0), all().max().unwrap_or(0))
    }

    fn straight(&self) -> bool {
        let (top, bottom) = self.extent();
        top == bottom
    }
}

/// What it costs that `a` has its trunk left of `b`'s.
fn cost(a: &Span, b: &Span) -> i32 {
    let inside = |y: i32, s: &Span| {
        let (top, bottom) = s.extent();
        i32::from(y > top - CLOSE && y < bottom + CLOSE)
    };
    let crossings: i32 = a.right.iter().map(|y| inside(*y, b)).sum::<i32>()
        + b.left.iter().map(|y| inside(*y, a)).sum::<i32>();
    let overlaps =
        a.right.iter().flat_map(|x| b.left.iter().map(move |y| (x - y).abs())).filter(|d| *d < CLOSE);
    crossings + OVERLAP * overlaps.count() as i32
}

/// The lane of each net, counted from the left, and how many lanes there are. A net
/// that runs straight has none.
pub(super) fn assign(spans: &[Span]) -> (Vec<Option<usize>>, usize) {
    let bent: Vec<usize> = (0..spans.len()).filter(|i| !spans[*i].straight()).collect();
    let n = bent.len();
    let costs: Vec<Vec<i32>> =
        bent.iter().map(|a| bent.iter().map(|b| cost(&spans[*a], &spans[*b])).collect()).collect();
    let mut order: Vec<usize> = (0..n).collect();
    // Sifting: each net in turn to where it costs least, until nothing improves.
    for _ in 0..12 {
        let mut moved = false;
        for (net, mine) in costs.iter().enumerate() {
            let at = order.iter().position(|o| *o == net).unwrap_or(0);
            let mut rest = order.clone();
            rest.remove(at);
            let mut sum: i32 = rest.iter().map(|o| mine[*o]).sum();
            let (mut best, mut here, mut cheapest) = (0, sum, sum);
            for (i, o) in rest.iter().enumerate() {
                sum += costs[*o][net] - mine[*o];
                if sum < cheapest {
                    (cheapest, best) = (sum, i + 1);
                }
                if i + 1 == at {
                    here = sum;
                }
            }
            if cheapest < here {
                rest.insert(best, net);
                order = rest;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    let mut lanes = vec![None; spans.len()];
    let mut placed: Vec<(i32, i32, usize)> = Vec::new();
    let mut count = 0;
    for o in order {
        let (top, bottom) = spans[bent[o]].extent();
        let lane = placed
            .iter()
            .filter(|(t, b, _)| top < b + APART && bottom > t - APART)
            .map(|(_, _, l)| l + 1)
            .max()
            .unwrap_or(0);
        placed.push((top, bottom, lane));
        lanes[bent[o]] = Some(lane);
        count = count.max(lane + 1);
    }
    (lanes, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(left: &[i32], right: &[i32]) -> Span {
        Span { left: left.to_vec(), right: right.to_vec() }
    }

    #[test]
    fn parallel_lines_do_not_cross() {
        // Both go down: the upper one must turn further right.
        let (lanes, count) = assign(&[span(&[10], &[100]), span(&[20], &[110])]);
        assert_eq!((lanes, count), (vec![Some(1), Some(0)], 2));
        // Both go up: the other way round.
        let (lanes, _) = assign(&[span(&[100], &[10]), span(&[110], &[20])]);
        assert_eq!(lanes, [Some(0), Some(1)]);
    }

    #[test]
    fn lanes_are_used_again() {
        let (lanes, count) = assign(&[span(&[10], &[40]), span(&[100], &[140]), span(&[200], &[200])]);
        assert_eq!((lanes, count), (vec![Some(0), Some(0), None], 1));
    }

    #[test]
    fn nothing_lies_on_top_of_another() {
        // The first enters where the second leaves: the second must turn first.
        let (lanes, _) = assign(&[span(&[10], &[50]), span(&[50], &[90])]);
        assert!(lanes[0] > lanes[1], "{lanes:?}");
    }
}
