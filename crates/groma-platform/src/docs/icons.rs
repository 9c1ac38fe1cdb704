//! What each sort of thing looks like: its colour, and a sign of 18 by 18 pixels.

use super::graph::Sort;

/// The strong colour, for borders, signs and arrows; at least 4.5 : 1 on white.
pub(super) fn colour(sort: Sort) -> &'static str {
    match sort {
        Sort::Internet | Sort::Elsewhere => "#475569",
        Sort::People => "#6d28d9",
        Sort::Site | Sort::Role => "#155e75",
        Sort::Edge | Sort::Cdn | Sort::LoadBalancer | Sort::Nat => "#c2410c",
        Sort::Service => "#1d4ed8",
        Sort::Function => "#7e22ce",
        Sort::Job => "#0369a1",
        Sort::Database => "#047857",
        Sort::Cache => "#b91c1c",
        Sort::Stream => "#92400e",
        Sort::Queue => "#a16207",
        Sort::Topic => "#be185d",
        Sort::Bucket => "#4d7c0f",
        Sort::Secret => "#57534e",
        Sort::Mail => "#0e7490",
        Sort::Alarm => "#b45309",
        Sort::Module => "#334155",
    }
}

/// The light colour, for the fill of boxes.
pub(super) fn tint(sort: Sort) -> &'static str {
    match sort {
        Sort::Internet | Sort::Elsewhere | Sort::Module => "#f8fafc",
        Sort::People | Sort::Function => "#faf5ff",
        Sort::Site | Sort::Role | Sort::Job => "#f0f9ff",
        Sort::Edge | Sort::Cdn | Sort::LoadBalancer | Sort::Nat => "#fff7ed",
        Sort::Service => "#eff6ff",
        Sort::Database => "#ecfdf5",
        Sort::Cache => "#fef2f2",
        Sort::Stream | Sort::Queue | Sort::Alarm => "#fffbeb",
        Sort::Topic => "#fdf2f8",
        Sort::Bucket => "#f7fee7",
        Sort::Secret => "#fafaf9",
        Sort::Mail => "#ecfeff",
    }
}

/// The sign, as the content of a `g` whose strokes have the colour.
pub(super) fn sign(sort: Sort) -> &'static str {
    match sort {
        Sort::Internet => {
            r#"<circle cx="9" cy="9" r="7"/><ellipse cx="9" cy="9" rx="3" ry="7"/><path d="M2 9H16M3 5.5H15M3 12.5H15"/>"#
        }
        Sort::Elsewhere => {
            r#"<rect x="2" y="5" width="9" height="9" rx="1.5"/><path d="M8 2H16V10M16 2L9.5 8.5"/>"#
        }
        Sort::People => {
            r#"<circle cx="9" cy="5.5" r="3.2"/><path d="M2.5 16C2.5 11.5 5 10.5 9 10.5S15.5 11.5 15.5 16"/>"#
        }
        Sort::Site => r#"<path d="M2.5 16V6L9 2L15.5 6V16ZM7 16V11H11V16"/>"#,
        Sort::Role => {
            r#"<rect x="2" y="4" width="14" height="10" rx="2"/><circle cx="6.5" cy="8" r="1.6"/><path d="M4 12H9M11.5 8H14M11.5 11H14"/>"#
        }
        Sort::Edge => r#"<path d="M9 1.5L15.5 4V9C15.5 13 12.5 15.5 9 16.5C5.5 15.5 2.5 13 2.5 9V4Z"/>"#,
        Sort::Cdn => {
            r#"<circle cx="9" cy="9" r="2.6"/><circle cx="9" cy="9" r="7"/><path d="M9 2V6.4M9 11.6V16M2 9H6.4M11.6 9H16"/>"#
        }
        Sort::LoadBalancer => {
            r#"<circle cx="4" cy="9" r="2.2"/><path d="M6.2 9H15M9 9C10 9 10 3.5 12 3.5H15M9 9C10 9 10 14.5 12 14.5H15"/>"#
        }
        Sort::Nat => {
            r#"<rect x="2" y="3" width="14" height="12" rx="2"/><path d="M5 9H13M10 6L13 9L10 12"/>"#
        }
        Sort::Service => {
            r#"<rect x="2" y="2.5" width="14" height="5.5" rx="1.5"/><rect x="2" y="10" width="14" height="5.5" rx="1.5"/><path d="M5 5.2H6.5M5 12.8H6.5"/>"#
        }
        Sort::Function => {
            r#"<rect x="2" y="2" width="14" height="14" rx="2"/><path d="M6 13.5L9 8L7.5 4.8H6.2M9 8L11.8 13.5H13"/>"#
        }
        Sort::Job => r#"<circle cx="9" cy="9" r="7"/><path d="M9 4.5V9L12 11"/>"#,
        Sort::Database => {
            r#"<ellipse cx="9" cy="4" rx="6.5" ry="2.5"/><path d="M2.5 4V14C2.5 15.4 5.4 16.5 9 16.5S15.5 15.4 15.5 14V4M2.5 9C2.5 10.4 5.4 11.5 9 11.5S15.5 10.4 15.5 9"/>"#
        }
        Sort::Cache => r#"<path d="M10.5 1.5L3.5 10.5H8.5L7.5 16.5L14.5 7.5H9.5Z"/>"#,
        Sort::Stream => {
            r#"<path d="M2 5C4.3 3 6.7 3 9 5S13.7 7 16 5M2 9C4.3 7 6.7 7 9 9S13.7 11 16 9M2 13C4.3 11 6.7 11 9 13S13.7 15 16 13"/>"#
        }
        Sort::Queue => {
            r#"<rect x="1.5" y="5" width="4" height="8" rx="1"/><rect x="7" y="5" width="4" height="8" rx="1"/><rect x="12.5" y="5" width="4" height="8" rx="1"/>"#
        }
        Sort::Topic => {
            r#"<circle cx="4.5" cy="9" r="2"/><path d="M8.5 5.5C10 7.5 10 10.5 8.5 12.5M11 3.5C13.6 6.8 13.6 11.2 11 14.5M13.5 1.8C17 6 17 12 13.5 16.2"/>"#
        }
        Sort::Bucket => {
            r#"<ellipse cx="9" cy="4.5" rx="7" ry="2.2"/><path d="M2 4.5L4 15C5 16.6 13 16.6 14 15L16 4.5"/>"#
        }
        Sort::Secret => {
            r#"<circle cx="5.5" cy="12" r="3.5"/><path d="M8 9.5L15.5 2M12 5.5L14.5 8M14 3.5L16.3 5.8"/>"#
        }
        Sort::Mail => {
            r#"<rect x="1.5" y="3.5" width="15" height="11" rx="1.5"/><path d="M2 4.5L9 10L16 4.5"/>"#
        }
        Sort::Alarm => {
            r#"<path d="M4 13.5V8.5C4 5.2 6 3 9 3S14 5.2 14 8.5V13.5ZM2.5 13.5H15.5M7.5 16H10.5M9 1.5V3"/>"#
        }
        Sort::Module => r#"<path d="M9 1.5L15.5 5V13L9 16.5L2.5 13V5ZM2.5 5L9 8.5L15.5 5M9 8.5V16.5"/>"#,
    }
}
