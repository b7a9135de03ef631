//! Code that does nothing yet.

use super::*;

/// NAT gateways that are in the code and do nothing.
pub fn trees() -> Vec<Tree> {
    let world = || {
        World::new().with(|network| {
            network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap().tags =
                tag("bond-private");
            network.subnets.get_mut(&SubnetId::from("subnet-public")).unwrap().tags = tag("bond-public");
        })
    };
    let base = "resource \"aws_subnet\" \"public\" {\n  vpc_id     = \"vpc-1\"\n  cidr_block = \"10.40.250.0/24\"\n\n  tags = {\n    Name = \"bond-public\"\n  }\n}\n\nresource \"aws_route_table\" \"private\" {\n  vpc_id = \"vpc-1\"\n\n  tags = {\n    Name = \"bond-private\"\n  }\n}\n";
    let network = |world: &World| {
        let public = world.0.network.subnets.get(&SubnetId::from("subnet-public")).unwrap();
        base.replace("10.40.250.0/24", &public.cidr.unwrap().to_string())
    };
    let nat = |count: &str, index: &str, table: &str| {
        let count = if count.is_empty() { String::new() } else { format!("  count = {count}\n\n") };
        format!(
            "resource \"aws_eip\" \"nat\" {{\n{count}  domain = \"vpc\"\n}}\n\nresource \"aws_nat_gateway\" \"main\" {{\n{count}  allocation_id = aws_eip.nat{index}.id\n  subnet_id     = aws_subnet.public.id\n}}\n\nresource \"aws_route\" \"out\" {{\n{count}  route_table_id         = {table}\n  destination_cidr_block = \"0.0.0.0/0\"\n  nat_gateway_id         = aws_nat_gateway.main{index}.id\n}}\n"
        )
    };
    let commented = |text: &str| -> String {
        text.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n").collect()
    };
    let table = "aws_route_table.private.id";
    let variable = "variable \"nat\" {\n  type    = bool\n  default = false\n}\n";
    let by_variable = nat("var.nat ? 1 : 0", "[0]", table);
    let mut trees = Vec::new();
    for (name, code) in [
        ("nat-switched-off", by_variable.clone()),
        ("nat-count-zero", nat("0", "[0]", table)),
        (
            "nat-switched-off-with-others",
            format!("{by_variable}\nresource \"aws_sqs_queue\" \"jobs\" {{\n  count = var.nat ? 1 : 0\n}}\n"),
        ),
        ("nat-switched-off-for-others-too", nat("var.nat ? 1 : 0", "[0]", "aws_route_table.batch.id")),
        ("nat-switched-off-in-another-subnet", by_variable.replace("aws_subnet.public.id", "\"subnet-b\"")),
        (
            "nat-switched-off-in-a-subnet-unknown",
            by_variable.replace("aws_subnet.public.id", "local.public[0]"),
        ),
        ("nat-commented-out", commented(&nat("", "", table))),
        (
            "nat-commented-out-but-for-its-address",
            commented(&nat("", "", table)).replacen("# ", "", 3).replacen("#\n", "\n", 1),
        ),
        (
            "nat-commented-out-without-its-address",
            commented(nat("", "", table).split_once("\n\n").unwrap().1),
        ),
    ] {
        let world = world();
        let network = network(&world);
        let batch = "\nresource \"aws_route_table\" \"batch\" {\n  vpc_id = \"vpc-1\"\n\n  tags = {\n    Name = \"bond-batch\"\n  }\n}\n";
        let network = if code.contains("batch") { format!("{network}{batch}") } else { network };
        let locals = if code.contains("local.public") {
            "locals {\n  public = var.public\n}\n\nvariable \"public\" {\n  type = list(string)\n}\n\n"
        } else {
            ""
        };
        let files = [
            ("sg.tf", GROUP),
            ("network.tf", network.as_str()),
            ("nat.tf", code.as_str()),
            ("vars.tf", &format!("{locals}{variable}")),
        ];
        trees.push(tree(name, world, &[OKTA], &[RemedyId::Nat], &files));
    }
    trees
}
