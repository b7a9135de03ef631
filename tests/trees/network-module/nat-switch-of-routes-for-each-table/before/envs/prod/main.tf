module "net" {
  source = "../../modules/net"

  name           = "bond-prod"
  private_ranges = { a = "10.41.0.0/20" }
}
