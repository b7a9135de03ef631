module "net" {
  source = "../../modules/net"

  name           = "bond-prod"
  range          = "10.50.0.0/16"
  private_ranges = {}
}
