//! The oracle: what the specification says must come of a history. It shares no code with the engine.

pub(crate) mod clock;
pub(crate) mod history;
pub(crate) mod world;
pub(crate) mod zone;
