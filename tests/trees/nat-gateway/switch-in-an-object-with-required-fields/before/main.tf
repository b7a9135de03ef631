module "network" {
  source = "./network"

  config = {
    name = "bond"
  }
}
