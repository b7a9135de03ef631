module "network" {
  source = "../shared/network"
}
