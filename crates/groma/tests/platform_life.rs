//! What happens to a platform in its life that nobody plans for: runs that are killed,
//! an AWS that fails, two people at once, answers that are no; and what comes and goes
//! on purpose: stagings, counts, parked environments. All of it in the embedded AWS,
//! with the small manifest in `platform_life/`.

mod platform_life {
    pub mod accounts;
    pub mod approval;
    pub mod at_once;
    pub mod counts;
    pub mod deferred;
    pub mod faults;
    pub mod fmt;
    pub mod gone;
    pub mod guidance;
    pub mod help;
    pub mod isolation;
    pub mod json;
    pub mod killed;
    pub mod protected;
    pub mod reading;
    pub mod stagings;
    pub mod texts;
    pub mod unlock;
}
