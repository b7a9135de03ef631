module "nat" {
  source = "../../modules/nat"

  name            = "bond-dev-nat"
  subnet_id       = module.network.public_subnet_id
  route_table_ids = [module.network.private_route_table_id]
}
