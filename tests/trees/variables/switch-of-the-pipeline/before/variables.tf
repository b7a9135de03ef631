variable "s3_endpoint_enabled" {
  description = "Set by the pipeline of each account"
  type        = bool
}
