removed {
  from = module.network.aws_vpc_endpoint.s3

  lifecycle {
    destroy = false
  }
}
