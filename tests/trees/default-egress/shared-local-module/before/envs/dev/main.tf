module "backend" {
  source  = "../../stacks/backend"
  subnets = ["subnet-a", "subnet-b", "subnet-c"]
}
