module "network" {
  source = "../../../modules/network"

  name = "bond"
}
