//! Decodes one object into its wire struct.

use super::{
    controller::controller,
    message::{Field, ProtobufError, Value},
    pod::{PodCache, pod},
};
use crate::object::{
    Kind, Object, for_each_kind,
    wire::{self, Controller, Pod},
};

/// A wire struct of a whole object.
trait Decode: Sized {
    /// Decodes an object. The cache contains values of the objects before it in the same list.
    fn read(kind: Kind, bytes: &[u8], cache: &mut PodCache) -> Result<Box<Self>, ProtobufError>;
}

impl<M: Field + Default> Decode for M {
    fn read(_: Kind, bytes: &[u8], _: &mut PodCache) -> Result<Box<M>, ProtobufError> {
        let mut message = Box::<M>::default();
        message.merge(Value::Bytes(bytes))?;
        message.compact();
        Ok(message)
    }
}

impl Decode for Pod {
    fn read(_: Kind, bytes: &[u8], cache: &mut PodCache) -> Result<Box<Self>, ProtobufError> {
        pod(bytes, cache)
    }
}

impl Decode for Controller {
    fn read(kind: Kind, bytes: &[u8], cache: &mut PodCache) -> Result<Box<Self>, ProtobufError> {
        controller(kind, bytes, cache.drops_probes_and_hooks).map(Box::new)
    }
}

/// Decodes an object in the encoding of its kind in the table. Protobuf for a kind that has only JSON is an error.
macro_rules! read_as {
    (Protobuf $wire:ident $args:tt) => {
        Object::$wire(<wire::$wire as Decode>::read $args?)
    };
    (Json $wire:ident $args:tt) => {
        return Err(ProtobufError::MissingEnvelope)
    };
}

macro_rules! dispatch {
    (($given:expr, $args:tt) $($list:ident: $wire:ident {$(
        $kind:ident ($group:literal $scope:ident $encoding:ident $($columns:tt)*)
    )+})+) => {
        match $given { $($(Kind::$kind => read_as!($encoding $wire $args),)+)+ }
    };
}

/// Decodes an object of a built-in kind. The cache contains values of the objects before it in the same list.
pub(in crate::source::cluster) fn object(kind: Kind, bytes: &[u8], cache: &mut PodCache) -> Result<Object, ProtobufError> {
    Ok(for_each_kind!(dispatch kind, (kind, bytes, cache)))
}
