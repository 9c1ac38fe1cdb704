// Makes a small picture of every upload. Sizes and formats are this team's business.
export const handler = async (event) => {
  for (const record of event.Records) {
    const key = decodeURIComponent(record.s3.object.key.replace(/\+/g, " "));
    console.log(JSON.stringify({ bucket: record.s3.bucket.name, key, to: process.env.BUCKET_PRODUCED_NAME }));
  }
};
