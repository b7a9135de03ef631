//! How the module of the connector gets the ids of new subnets: it creates them, or calls the module that creates them, or its own call
//! gives them. Must not create the subnets.

use crate::terraform::edit::draft::Draft;
use crate::terraform::find::network::call_towards;
use crate::terraform::find::origin::Origin;
use crate::terraform::read::module::Module;

/// The output with the ids of the new subnets.
const OUTPUT: (&str, &str) = ("app_runner_subnet_ids", "IDs of the private subnets of App Runner");

/// From where the module of the connector gets the ids.
#[derive(Clone, Copy)]
pub(in crate::terraform::edit) enum ListSource<'a> {
    /// From itself, or from a module that it calls.
    Itself(&'a Module),
    /// From its caller.
    Caller(&'a Module),
}

/// The module that creates new subnets of the VPC, and how the module of the connector, the target, gets their ids. The target itself, if
/// it cannot get them from the module that creates the VPC.
pub(in crate::terraform::edit) fn module_of_subnets<'a>(draft: &Draft<'a>) -> (&'a Module, ListSource<'a>) {
    let target = draft.finder.target;
    let wanted = module_of_vpc(draft);
    let leads = |from: &'a Module| {
        from.address == wanted.address || call_towards(from, wanted).is_some_and(|call| !call.is_repeated)
    };
    if leads(target) {
        return (wanted, ListSource::Itself(target));
    }
    match draft.call_for_list().map(|call| call.module).filter(|caller| leads(caller)) {
        Some(caller) => (wanted, ListSource::Caller(caller)),
        None => (target, ListSource::Itself(target)),
    }
}

/// The module that creates the VPC, or else the one for blocks of the whole VPC.
fn module_of_vpc<'a>(draft: &Draft<'a>) -> &'a Module {
    let (finder, kinds) = (&draft.finder, ["aws_vpc", "aws_default_vpc"]);
    match &finder.network.vpc {
        Some(vpc @ Origin::Block(block))
            if vpc.block_of(&kinds).is_some()
                && block.place.module.is_editable()
                && !finder.config.is_used_more_than_once(block.place.module) =>
        {
            block.place.module
        }
        _ => finder.network_module(),
    }
}

/// A list in the module that creates the subnets, as an expression in the target module.
pub(in crate::terraform::edit) fn list_from<'a>(
    draft: &mut Draft<'a>,
    (creator, source): (&'a Module, ListSource<'a>),
    list: String,
) -> Option<String> {
    match source {
        ListSource::Itself(target) => draft.value_of_called(target, (creator, list), OUTPUT),
        ListSource::Caller(caller) => {
            let list = draft.value_of_called(caller, (creator, list), OUTPUT)?;
            draft.list_by_call(&list)
        }
    }
}
