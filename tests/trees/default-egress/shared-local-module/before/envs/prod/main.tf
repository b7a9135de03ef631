module "backend" {
  source  = "../../stacks/backend"
  subnets = ["subnet-z"]
}
