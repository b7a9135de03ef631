module "backend" {
  source  = "../../stacks/backend"
  subnets = ["subnet-z"]
  mode    = "VPC"
}
