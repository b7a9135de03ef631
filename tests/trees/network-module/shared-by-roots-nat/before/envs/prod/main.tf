module "net" {
  source = "../../stacks/net"
  name   = "bond-prod"
  ranges = ["10.41.0.0/20"]
}
