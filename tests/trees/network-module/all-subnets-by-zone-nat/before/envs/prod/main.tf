module "net" {
  source = "../../modules/net"

  name           = "bond-prod"
  private_ranges = {}
}
