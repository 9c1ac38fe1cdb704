//! What AWS does beside the object itself: the default objects of a VPC, the instances of an
//! autoscaling group, what stays after a deletion.

use groma_value::Value;

use crate::fill::{Fill, Place};
use crate::refuse::Done;
use crate::world::{Key, Tx};

/// Whether a second object of one id is the same one, adopted.
pub(crate) fn may_exist(ty: &str) -> bool {
    ty.starts_with("aws_default_")
}

/// Values that are more than a template.
pub(crate) fn fill(_fill: &mut Fill<'_, '_>) -> Done<()> {
    Ok(())
}

/// Further refusals of a new object.
pub(crate) fn before_create(_: &mut Tx<'_>, _: &Place, _: &Key, _: &Value) -> Done<()> {
    Ok(())
}

/// What comes with a new object.
pub(crate) fn after_create(_: &mut Tx<'_>, _: &Place, _: &Key, _: &Value) -> Done<()> {
    Ok(())
}

/// Further refusals of a change.
pub(crate) fn before_update(_: &mut Tx<'_>, _: &Place, _: &Key, _: &Value, _: &Value) -> Done<()> {
    Ok(())
}

/// What comes with a change.
pub(crate) fn after_update(_: &mut Tx<'_>, _: &Place, _: &Key, _: &Value) -> Done<()> {
    Ok(())
}

/// Further refusals of a deletion.
pub(crate) fn before_delete(_: &mut Tx<'_>, _: &Place, _: &Key, _: &Value) -> Done<()> {
    Ok(())
}

/// What goes or stays with a deletion.
pub(crate) fn after_delete(_: &mut Tx<'_>, _: &Place, _: &Key, _: &Value) -> Done<()> {
    Ok(())
}
